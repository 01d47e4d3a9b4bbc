import { describe, expect, it } from '@jest/globals';
import { type Recorded, authoritySpec } from '../../testing/authority-spec.js';
import { aClient } from '../../testing/histories.js';

describe('clients', () => {
  const spec = authoritySpec();
  const now = () => spec.clock.inSeconds(0);
  const registration = (members: object) => expect.objectContaining(members);
  const created = (clientId: string, members: object): Recorded => ({
    stream: `client-${clientId}`,
    type: 'ClientCreated',
    data: {
      clientId,
      registration: registration(members),
      secretHash: expect.stringMatching(/^\$?\w/),
      createdAt: now(),
    },
    actor: 'admin',
  });
  const updated = (clientId: string, members: object): Recorded => ({
    stream: `client-${clientId}`,
    type: 'ClientUpdated',
    data: { clientId, registration: registration(members), updatedAt: now() },
    actor: 'admin',
  });
  const rotated = (clientId: string): Recorded => ({
    stream: `client-${clientId}`,
    type: 'ClientSecretRotated',
    data: { clientId, secretHash: expect.any(String), rotatedAt: now() },
    actor: 'admin',
  });

  describe('creating one', () => {
    it('is one event without the secret', () =>
      spec
        .when((authority) =>
          authority.admin(
            'POST',
            '/clients',
            { client_id: 'c1', client_name: 'One', client_secret: 'a-chosen-secret' },
            { 'x-reason': 'ticket 12' },
          ),
        )
        .thenAnswers({
          status: 201,
          body: expect.objectContaining({ client_id: 'c1', client_secret: 'a-chosen-secret' }),
          headers: { location: '/clients/c1' },
          events: [{ ...created('c1', { client_name: 'One' }), reason: 'ticket 12' }],
        }));

    it('that was there and was deleted is one event more in its stream', () =>
      spec
        .given(aClient('c2'), {
          stream: 'client-c2',
          events: [{ type: 'ClientDeleted', data: { clientId: 'c2', deletedAt: now() } }],
        })
        .when((authority) => authority.admin('POST', '/clients', { client_id: 'c2', client_name: 'Two' }))
        .thenAnswers({ status: 201, events: [created('c2', { client_name: 'Two' })] }));

    it('again under the same Idempotency-Key records nothing and answers the same', async () => {
      const body = { client_id: 'c3', client_name: 'Three' };
      const headers = { 'idempotency-key': 'once-and-only-once' };
      const first = await spec.authority.admin('POST', '/clients', body, headers);
      await spec
        .when((authority) => authority.admin('POST', '/clients', body, headers))
        .thenAnswers({ status: first.status, body: first.json, events: [] });
    });

    it.each([
      ['with a name that is taken', { client_id: 'taken' }, 409],
      ['with what is no URI to redirect to', { client_id: 'c4', redirect_uris: ['http://a/#b'] }, 400],
      ['with a member of another kind', { client_id: 'c4', contacts: 'me' }, 400],
      ['with a short secret', { client_id: 'c4', client_secret: 'short' }, 400],
    ])('%s records nothing', (_what, body, status) =>
      spec
        .given(...(status === 409 ? [aClient('taken')] : []))
        .when((authority) => authority.admin('POST', '/clients', body))
        .thenAnswers({ status, events: [] }),
    );
  });

  describe('changing one', () => {
    it('is one event with the whole registration, although nothing changed', () =>
      spec
        .given(aClient('u1', { client_name: 'Before' }))
        .when((authority) => authority.admin('PUT', '/clients/u1', { client_name: 'Before' }))
        .thenAnswers({
          status: 200,
          events: [updated('u1', { client_name: 'Before', redirect_uris: [], contacts: [] })],
        }));

    it('with a secret is two, in one append', () =>
      spec
        .given(aClient('u2'))
        .when((authority) => authority.admin('PUT', '/clients/u2', { client_secret: 'another-secret' }))
        .thenAnswers({ status: 200, events: [updated('u2', {}), rotated('u2')] }));

    it('by a patch keeps the rest', () =>
      spec
        .given(aClient('u3', { client_name: 'Before', owner: 'me' }))
        .when((authority) =>
          authority.admin('PATCH', '/admin/clients/u3', [{ op: 'replace', path: '/client_name', value: 'After' }]),
        )
        .thenAnswers({ status: 200, events: [updated('u3', { client_name: 'After', owner: 'me' })] }));

    it.each([
      ['nobody knows', '/clients/nobody', {}, {}, 404],
      ['that has changed since', '/clients/u4', {}, { 'if-match': '"17"' }, 412],
      ['into none', '/clients/u4', { redirect_uris: ['http://a/#b'] }, {}, 400],
    ])('one %s records nothing', (_what, path, body, headers, status) =>
      spec
        .given(...(status === 412 ? [aClient('u4')] : []))
        .when((authority) => authority.admin('PUT', path, body, headers))
        .thenAnswers({ status, events: [] }),
    );
  });

  it('deleting one is one event, the second time none', async () => {
    await spec
      .given(aClient('d1'))
      .when((authority) => authority.admin('DELETE', '/clients/d1'))
      .thenAnswers({
        status: 204,
        body: '',
        events: [
          { stream: 'client-d1', type: 'ClientDeleted', data: { clientId: 'd1', deletedAt: now() }, actor: 'admin' },
        ],
      });
    for (const [path, status] of [
      ['/clients/d1', 204],
      ['/admin/clients/d1', 404],
    ] as const) {
      await spec.when((authority) => authority.admin('DELETE', path)).thenAnswers({ status, events: [] });
    }
  });

  it('reading records nothing', () =>
    spec
      .given(aClient('r1', { client_name: 'Read' }))
      .when((authority) => authority.admin('GET', '/clients/r1'))
      .thenAnswers({
        status: 200,
        body: expect.objectContaining({ client_id: 'r1', client_name: 'Read' }),
        events: [],
      }));
});
