import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DynamicModule } from '@nestjs/common';
import { hashSync } from 'bcryptjs';
import { scratchFolder } from '#libs/harness';
import { AdminModule, PublicModule, type Shared } from '../../apps/authority/src/process/app.module.js';
import { readConfiguration } from '../../apps/authority/src/config/read-configuration.js';
import { Readiness } from '../../apps/authority/src/health/readiness.js';
import { Storage } from '../../apps/authority/src/health/storage.js';
import { ApplicationLog } from '../../apps/authority/src/http/application-log.js';
import { createListener } from '../../apps/authority/src/process/create-listener.js';
import { Metrics } from '../../apps/authority/src/http/metrics.js';
import { RehashClientSecretHandler } from '../../apps/authority/src/commands/client.commands.js';
import { openAuthority } from '../../apps/authority/src/process/open-authority.js';

type Listener = Awaited<ReturnType<typeof createListener>>;

const basic = `Basic ${Buffer.from('photos:an old secret').toString('base64')}`;

describe('an authority that cannot record a new hash', () => {
  const closing: (() => Promise<unknown>)[] = [];
  const lines: string[] = [];
  let admin: Listener;
  let publicListener: Listener;

  beforeAll(async () => {
    const scratch = await scratchFolder();
    closing.push(() => scratch.remove());
    const { configuration } = readConfiguration({ DATA_DIR: scratch.folder });
    const applicationLog = ApplicationLog.create({ level: 'warn', format: 'json' }, (line) => lines.push(line));
    const authority = await openAuthority(configuration, { applicationLog });
    closing.push(() => authority.close());
    const readiness = new Readiness(
      authority.readModel,
      new Storage(authority.store, authority.readModel, applicationLog.logger),
    );
    const shared: Shared = { applicationLog, metrics: new Metrics(), readiness };
    admin = await createListener('admin', AdminModule.of(authority, shared), { authority, shared });
    closing.push(() => admin.close());
    const crippled = withoutRehashing(PublicModule.of(authority, shared));
    publicListener = await createListener('public', crippled, { authority, shared });
    closing.push(() => publicListener.close());
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  const post = async (listener: Listener, url: string, payload: string, headers: Record<string, string>) =>
    listener.getHttpAdapter().getInstance().inject({ method: 'POST', url, payload, headers });
  const requestToken = async () =>
    post(publicListener, '/oauth2/token', 'grant_type=client_credentials', {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: basic,
    });

  it('gives tokens all the same, and says so in its log, without the hash', async () => {
    const hash = hashSync('an old secret', 4);
    const client = { client_id: 'photos', grant_types: ['client_credentials'], client_secret_hash: hash };
    expect((await post(admin, '/clients', JSON.stringify(client), {})).statusCode).toBe(201);
    expect((await requestToken()).statusCode).toBe(200);
    expect(lines).toEqual([expect.stringContaining('a client secret could not be hashed anew')]);
    expect(lines[0]).not.toContain(hash);
    expect(lines[0]).not.toContain('an old secret');
    expect((await requestToken()).statusCode).toBe(200);
    expect(lines).toHaveLength(1);
  });
});

function withoutRehashing(module: DynamicModule): DynamicModule {
  return { ...module, providers: (module.providers ?? []).filter((each) => each !== RehashClientSecretHandler) };
}
