import { type ServerWritableStream } from '@grpc/grpc-js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';

/** A call that is answered with a stream of events. */
export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;

const ends = ['drain', 'close', 'cancelled'] as const;

/** Sends one message; resolves when the client has room for the next, or is gone. */
export async function send(call: ReadCall, response: streams.ReadResp): Promise<void> {
  if (call.write(response) || call.cancelled || call.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      for (const end of ends) call.off(end, done);
      resolve();
    };
    for (const end of ends) call.on(end, done);
  });
}
