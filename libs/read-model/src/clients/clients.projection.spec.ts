import { describe, expect, it } from '@jest/globals';
import { type AuthorityEvent } from '#libs/domain';
import { given } from '../projection-spec.js';
import { at, clientCreated, clientDeleted, registration } from '../spec-events.js';
import { clientJson } from '#libs/oauth2';
import { findClient, listClientJson } from './clients.projection.js';
import { listClientPage } from './clients.queries.js';

const updated: AuthorityEvent = {
  type: 'ClientUpdated',
  data: { clientId: 'app', registration: { ...registration, client_name: 'New' }, updatedAt: at(90) },
};
const rotated: AuthorityEvent = {
  type: 'ClientSecretRotated',
  data: { clientId: 'app', secretHash: 'rotated', rotatedAt: at(90) },
};
const rehashed: AuthorityEvent = { type: 'ClientSecretRehashed', data: { clientId: 'app', secretHash: 'rehashed' } };

describe('findClient', () => {
  it('shows a new client', () =>
    given(clientCreated()).thenAnswers((db) => findClient(db, 'app'), {
      ...{ clientId: 'app', incarnation: 0, revision: 0, secretHash: 'hash', registration },
      json: clientJson('app', { registration, createdAt: at(0), updatedAt: at(0) }),
      extension: '{"metadata":{}}',
    }));
  it('keeps created_at and the incarnation through an update', () =>
    given(clientCreated(), updated).thenAnswers((db) => findClient(db, 'app'), {
      ...{ clientId: 'app', incarnation: 0, revision: 1, secretHash: 'hash' },
      registration: { ...registration, client_name: 'New' },
      json: clientJson('app', {
        registration: { ...registration, client_name: 'New' },
        createdAt: at(0),
        updatedAt: at(90),
      }),
      extension: '{"metadata":{}}',
    }));
  it('has the newest secret; rehashing it is no new revision', () =>
    given(clientCreated(), updated, rotated, rehashed).thenAnswers((db) => findClient(db, 'app'), {
      ...{ clientId: 'app', incarnation: 0, revision: 2, secretHash: 'rehashed', registration: expect.anything() },
      json: expect.any(String),
      extension: '{"metadata":{}}',
    }));
  it('has the metadata apart from the rest', () => {
    const kept = { ...registration, metadata: { '<': 1 } };
    const page = { after: undefined, clientName: undefined, owner: undefined, limit: 9 };
    return given(clientCreated('app', { registration: kept })).thenAnswers(
      (db) => [findClient(db, 'app')?.extension, findClient(db, 'app')?.json, listClientPage(db, page)],
      [
        '{"metadata":{"\\u003c":1}}',
        clientJson('app', { registration, createdAt: at(0), updatedAt: at(0) }),
        [{ clientId: 'app', json: expect.stringMatching(/,"metadata":{"\\u003c":1}}$/) }],
      ],
    );
  });
  it('knows no deleted client', () =>
    given(clientCreated(), clientDeleted()).thenAnswers((db) => findClient(db, 'app'), undefined));
  it('gives a client created again another incarnation', () =>
    given(clientCreated(), clientDeleted(), clientCreated()).thenAnswers(
      (db) => findClient(db, 'app')?.incarnation,
      2,
    ));
});

describe('listClientJson', () => {
  const ids = (texts: string[]): string[] => texts.map((text) => JSON.parse(text).client_id);

  it('pages by client id', () =>
    given(clientCreated('c'), clientCreated('a'), clientCreated('b')).thenAnswers(
      (db) => [ids(listClientJson(db, { limit: 2, offset: 0 })), ids(listClientJson(db, { limit: 2, offset: 2 }))],
      [['a', 'b'], ['c']],
    ));
  it('has no rows for limit 0', () =>
    given(clientCreated()).thenAnswers((db) => listClientJson(db, { limit: 0, offset: 0 }), []));
});

describe('clientJson', () => {
  it('omits what is empty, rounds to whole seconds and escapes like Go', () => {
    const json = clientJson('a&b', {
      registration: { ...registration, client_name: '<\u2028>' },
      createdAt: at(0.4),
      updatedAt: at(0.5),
    });
    expect(json).toBe(
      '{"client_id":"a\\u0026b","client_name":"\\u003c\\u2028\\u003e","redirect_uris":["https://app.example/cb"],' +
        '"grant_types":[],"response_types":[],"scope":"openid offline","audience":[],"owner":"","policy_uri":"",' +
        '"allowed_cors_origins":[],"tos_uri":"","client_uri":"","logo_uri":"","contacts":[],"client_secret_expires_at":0,' +
        '"subject_type":"public","token_endpoint_auth_method":"client_secret_basic","userinfo_signed_response_alg":"none",' +
        '"created_at":"2030-01-01T00:00:00Z","updated_at":"2030-01-01T00:00:01Z"}',
    );
  });
  it('shows a secret after the name, and echoes absent lists as null', () => {
    const options = { secret: 'shown-once', nullArrays: ['contacts', 'request_uris'] };
    const json = clientJson('a', {
      registration: { ...registration, jwks: { keys: null } },
      createdAt: at(0),
      updatedAt: at(0),
      ...options,
    });
    expect(json).toContain('"client_name":"App","client_secret":"shown-once","redirect_uris"');
    expect(json).toContain('"contacts":null');
    expect(json).toContain('"jwks":{"keys":null}');
    expect(json).not.toContain('request_uris');
  });
});
