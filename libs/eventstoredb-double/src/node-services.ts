import { type UntypedServiceImplementation, type handleUnaryCall } from '@grpc/grpc-js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';

const leader = 8;
const streamsService = 'event_store.client.streams.streams';

/** Gossip of a cluster of one: this node leads it and is alive. */
export function gossipService(address: string, port: number): UntypedServiceImplementation {
  const read: handleUnaryCall<shared.Empty, gossip.ClusterInfo> = (_call, answer) => {
    const member = new gossip.MemberInfo()
      .setInstanceId(new shared.UUID().setString('5f2b1c9e-1d3a-4c55-9a0b-8c1d2e3f4a5b'))
      .setTimeStamp(String(BigInt(Date.now()) * 10_000n))
      .setState(leader)
      .setIsAlive(true)
      .setHttpEndPoint(new gossip.EndPoint().setAddress(address).setPort(port));
    answer(null, new gossip.ClusterInfo().setMembersList([member]));
  };
  return { read };
}

/**
 * What the server says it can do. `batchappend` is on the list and not behind it: a client that takes that path, because an append
 * was sent without credentials, gets an error at once.
 */
export function serverFeaturesService(): UntypedServiceImplementation {
  const getSupportedMethods: handleUnaryCall<shared.Empty, features.SupportedMethods> = (_call, answer) => {
    const methods = ['read', 'append', 'delete', 'tombstone', 'batchappend'].map((name) =>
      new features.SupportedMethod().setServiceName(streamsService).setMethodName(name),
    );
    answer(null, new features.SupportedMethods().setEventStoreServerVersion('23.10.6').setMethodsList(methods));
  };
  return { getSupportedMethods };
}
