import { describe, expect, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { type Client, type ClientCommand, type ClientEvent, type ClientRegistration, client } from './client.js';

const given = deciderSpec(client);
const now = new Date('2030-01-01T12:00:00.000Z');
const at = now.toISOString();
const earlier = '2029-12-31T00:00:00.000Z';
const clientId = 'photo-app';

const registration: ClientRegistration = {
  ...{ client_name: 'Photos', redirect_uris: ['https://photos.example/cb'], grant_types: [], response_types: [] },
  ...{ scope: 'openid', audience: [], owner: '', policy_uri: '', allowed_cors_origins: [], tos_uri: '' },
  ...{ client_uri: '', logo_uri: '', contacts: [], subject_type: 'public', sector_identifier_uri: '', jwks_uri: '' },
  ...{ token_endpoint_auth_method: 'client_secret_basic', request_uris: [], request_object_signing_alg: '' },
  userinfo_signed_response_alg: 'none',
};
const renamed = { ...registration, client_name: 'Pictures' };

const created: ClientEvent = {
  type: 'ClientCreated',
  data: { clientId, registration, secretHash: 'hash-1', createdAt: earlier },
};
const rotated: ClientEvent = {
  type: 'ClientSecretRotated',
  data: { clientId, secretHash: 'hash-2', rotatedAt: earlier },
};
const deleted: ClientEvent = { type: 'ClientDeleted', data: { clientId, deletedAt: earlier } };

const create: ClientCommand = { type: 'CreateClient', data: { clientId, registration, secretHash: 'hash-1' }, now };
const remove: ClientCommand = { type: 'DeleteClient', data: { clientId }, now };
const update = (secretHash?: string): ClientCommand => ({
  type: 'UpdateClient',
  data: { clientId, registration: renamed, ...(secretHash === undefined ? {} : { secretHash }) },
  now,
});
const rehash = (currentHash: string): ClientCommand => ({
  type: 'RehashClientSecret',
  data: { clientId, currentHash, secretHash: 'hash-3' },
});

describe('CreateClient', () => {
  const event: ClientEvent = {
    type: 'ClientCreated',
    data: { clientId, registration, secretHash: 'hash-1', createdAt: at },
  };

  it('records the registration and the time', () => given().when(create).thenEvents(event));
  it('may take the id of a deleted client', () => given(created, deleted).when(create).thenEvents(event));
  it('is refused while the id is taken', () => given(created).when(create).thenRefuses('client_exists'));
  it('is refused when the id was taken again', () =>
    given(created, deleted, created).when(create).thenRefuses('client_exists'));
});

describe('ImportClient', () => {
  const origin = { importedFrom: 'hydra' } as const;
  const brought: ClientEvent = {
    type: 'ClientCreated',
    data: { clientId, registration, secretHash: 'hash-1', createdAt: earlier, ...origin },
  };
  const updatedHere: ClientEvent = {
    type: 'ClientUpdated',
    data: { clientId, registration: renamed, updatedAt: earlier },
  };
  const rehashed: ClientEvent = { type: 'ClientSecretRehashed', data: { clientId, secretHash: 'hash-3' } };
  const bring = (what: { registration?: ClientRegistration; secretHash?: string }): ClientCommand => ({
    type: 'ImportClient',
    data: { clientId, registration, newSecretHash: 'generated', ...what },
    now,
  });
  const secretHash = 'hash-1';

  it('creates what is not there, with the secret it has elsewhere', () =>
    given()
      .when(bring({ secretHash }))
      .thenEvents({ type: 'ClientCreated', data: { clientId, registration, secretHash, createdAt: at, ...origin } }));
  it('gives a new secret where the one elsewhere is not known', () =>
    given()
      .when(bring({}))
      .thenEvents({
        type: 'ClientCreated',
        data: { clientId, registration, secretHash: 'generated', createdAt: at, ...origin },
      }));
  it('changes nothing a second time', () => given(brought).when(bring({ secretHash })).thenNothing());
  it('changes nothing a second time, whatever was changed here', () =>
    given(brought, rehashed, updatedHere, rotated).when(bring({ secretHash })).thenNothing());
  it('brings what has changed elsewhere', () =>
    given(brought)
      .when(bring({ registration: renamed, secretHash: 'hash-9' }))
      .thenEvents(
        { type: 'ClientUpdated', data: { clientId, registration: renamed, updatedAt: at, ...origin } },
        { type: 'ClientSecretRotated', data: { clientId, secretHash: 'hash-9', rotatedAt: at, ...origin } },
      ));
  it('brings a change once', () =>
    given(
      brought,
      { type: 'ClientUpdated', data: { clientId, registration: renamed, updatedAt: earlier, ...origin } },
      { type: 'ClientSecretRotated', data: { clientId, secretHash: 'hash-9', rotatedAt: earlier, ...origin } },
    )
      .when(bring({ registration: renamed, secretHash: 'hash-9' }))
      .thenNothing());
  it('does not bring back what was deleted here', () =>
    given(brought, deleted)
      .when(bring({ registration: renamed }))
      .thenNothing());
  it.each([[[created]], [[brought, deleted, created]]])('leaves alone what was created here: %#', (events) =>
    given(...events)
      .when(bring({ secretHash }))
      .thenRefuses('client_exists'),
  );
  it('takes members in another order for the same', () =>
    given(brought)
      .when(bring({ registration: Object.fromEntries(Object.entries(registration).reverse()) as ClientRegistration }))
      .thenNothing());
});

describe('UpdateClient', () => {
  const updated: ClientEvent = { type: 'ClientUpdated', data: { clientId, registration: renamed, updatedAt: at } };

  it('records the whole registration', () => given(created).when(update()).thenEvents(updated));
  it('is an event also when nothing changes', () => given(created, updated).when(update()).thenEvents(updated));
  it('rotates the secret together with the registration', () =>
    given(created)
      .when(update('hash-2'))
      .thenEvents(updated, { type: 'ClientSecretRotated', data: { clientId, secretHash: 'hash-2', rotatedAt: at } }));
  it('keeps metadata it does not name, and replaces it by what it names', () => {
    const metadata = { tier: 'gold' };
    const kept: ClientEvent = {
      type: 'ClientCreated',
      data: { clientId, registration: { ...registration, metadata }, secretHash: 'hash-1', createdAt: earlier },
    };
    const recorded = (stays: object): ClientEvent => ({
      type: 'ClientUpdated',
      data: { clientId, registration: { ...renamed, ...stays }, updatedAt: at },
    });
    const emptied: ClientCommand = {
      type: 'UpdateClient',
      data: { clientId, registration: { ...renamed, metadata: {} } },
      now,
    };
    given(kept).when(update()).thenEvents(recorded({ metadata }));
    given(kept, recorded({ metadata })).when(update()).thenEvents(recorded({ metadata }));
    given(kept)
      .when(emptied)
      .thenEvents(recorded({ metadata: {} }));
    given(kept, recorded({ metadata: {} }))
      .when(update())
      .thenEvents(recorded({ metadata: {} }));
  });
  it('is refused for a client never created', () => given().when(update()).thenRefuses('client_not_found'));
  it('is refused for a deleted client', () => given(created, deleted).when(update()).thenRefuses('client_not_found'));
  it('is refused with a secret as well', () => given().when(update('hash-2')).thenRefuses('client_not_found'));
});

describe('RehashClientSecret', () => {
  const rehashed: ClientEvent = { type: 'ClientSecretRehashed', data: { clientId, secretHash: 'hash-3' } };

  it('replaces the hash it was computed from', () => given(created).when(rehash('hash-1')).thenEvents(rehashed));
  it('changes nothing once the secret was rotated', () => given(created, rotated).when(rehash('hash-1')).thenNothing());
  it('changes nothing the second time', () => given(created, rehashed).when(rehash('hash-1')).thenNothing());
  it('changes nothing for a deleted client', () => given(created, deleted).when(rehash('hash-1')).thenNothing());
  it('changes nothing for a client never created', () => given().when(rehash('hash-1')).thenNothing());
});

describe('DeleteClient', () => {
  it('records the time', () =>
    given(created)
      .when(remove)
      .thenEvents({ type: 'ClientDeleted', data: { clientId, deletedAt: at } }));
  it('changes nothing the second time', () => given(created, deleted).when(remove).thenNothing());
  it('changes nothing for a client never created', () => given().when(remove).thenNothing());
});

describe('the folded client', () => {
  const fold = (...events: ClientEvent[]): Client =>
    events.reduce((state, event, revision) => client.evolve(state, event, revision), client.initial());
  const updated: ClientEvent = { type: 'ClientUpdated', data: { clientId, registration: renamed, updatedAt: at } };
  const rehashed: ClientEvent = { type: 'ClientSecretRehashed', data: { clientId, secretHash: 'hash-3' } };

  it('has the revision of its creation as incarnation, another one after being created again', () => {
    expect(fold(created, updated)).toMatchObject({ incarnation: 0, registrationRevision: 1 });
    expect(fold(created, updated, deleted, created)).toMatchObject({ incarnation: 3, registrationRevision: 3 });
  });

  it('moves the revision of its registration with a new secret, but not with a new hash of the same one', () => {
    expect(fold(created, updated, rotated)).toMatchObject({ registrationRevision: 2, secretHash: 'hash-2' });
    expect(fold(created, rehashed)).toMatchObject({ registrationRevision: 0, secretHash: 'hash-3' });
  });

  it.each([[updated], [rotated], [rehashed], [deleted]])('is not there without its creation: %j', (event) => {
    expect(fold(event)).toEqual({ status: 'none' });
  });

  it('lies in a stream with an ASCII name', () => {
    expect(client.streamOf('photo app/ü')).toBe('client-photo%20app%2F%C3%BC');
  });
});
