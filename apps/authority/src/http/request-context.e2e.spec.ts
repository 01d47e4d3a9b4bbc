import { describe, expect, it } from '@jest/globals';
import { type EventMetadata, MemoryEventStore } from '#libs/event-store';
import { authoritySpec } from '../testing/authority-spec.js';

const said = { 'x-request-id': 'named by the sender', 'x-reason': 'because' };
const uuid = expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-/);

describe.each([
  ['a stranger', '', { correlationId: uuid, reason: undefined }],
  ['a proxy in front', '127.0.0.0/8', { correlationId: 'named by the sender', reason: undefined }],
])('what %s says of a request', (_who, proxies, recorded) => {
  const store = new MemoryEventStore();
  const spec = authoritySpec({ SERVE_TLS_ALLOW_TERMINATION_FROM: proxies }, store);
  const lastMetadata = async (): Promise<Partial<EventMetadata>> => {
    const events = await store.readAll(undefined, 1000);
    return JSON.parse(events.at(-1)?.metadata ?? '{}') as Partial<EventMetadata>;
  };

  it('is recorded by the public listener as far as it is to be believed', async () => {
    const { id, secret } = await spec.authority.createClient({ grant_types: ['client_credentials'] });
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    const body = new URLSearchParams({ grant_type: 'client_credentials' });
    const headers = { ...said, authorization };
    const url = `${spec.authority.urls.publicUrl}/oauth2/token`;
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200);
    const { correlationId, reason } = await lastMetadata();
    expect({ correlationId, reason }).toEqual(recorded);
  });

  it('is recorded by the admin listener, from whomever', async () => {
    await spec.authority.admin('POST', '/clients', {}, said);
    const { correlationId, reason } = await lastMetadata();
    expect({ correlationId, reason }).toEqual({ correlationId: 'named by the sender', reason: 'because' });
  });
});
