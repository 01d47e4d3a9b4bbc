import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runAuthority, startAuthority } from '#libs/harness';
import { blockFolder } from '#libs/testing';
import { ConfigurationError } from '../../apps/authority/src/config/configuration.js';
import { readConfiguration } from '../../apps/authority/src/config/read-configuration.js';
import { fourAtATime } from './four-at-a-time.js';

const ports = { SERVE_ADMIN_PORT: '0', SERVE_PUBLIC_PORT: '0', SERVE_PUBLIC_HOST: '127.0.0.1' };

type Bad = readonly [name: string, value: string, more?: Record<string, string>];

/** How many of the bad values are tried on a process, too: one takes most of a second. */
const startedWith = 7;

/** Each of these alone, in an environment that is fine otherwise. */
const badValues: readonly Bad[] = [
  ['DSN', 'memory'],
  ['DSN', 'postgres://user:password@db/hydra'],
  ['DATABASE_URL', 'mysql://db/hydra'],
  ['EVENT_STORE', 'esdb:/localhost:2113'],
  ['EVENT_STORE', 'postgres'],
  ['KAFKA_BROKERS', 'localhost'],
  ['KAFKA_TOPIC_PREFIX', 'with blank '],
  ['KAFKA_PARTITIONS', '0'],
  ['KAFKA_SASL_PASSWORD_FILE', '/not/there'],
  ['STRATEGIES_ACCESS_TOKEN', 'jwt'],
  ['STRATEGIES_ACCESS_TOKEN', 'paper'],
  ['STRATEGIES_SCOPE', 'telepathic'],
  ['SERVE_TLS_CERT_PATH', '/etc/tls/cert.pem'],
  ['SERVE_PUBLIC_CORS_ENABLED', 'true'],
  ['TRACING_PROVIDER', 'jaeger'],
  ['SERVE_PUBLIC_PORT', '70000'],
  ['SERVE_ADMIN_PORT', 'http'],
  ['SERVE_ADMIN_PORT', '-1'],
  ['URLS_SELF_ISSUER', 'example.org'],
  ['URLS_SELF_ISSUER', 'https://example.org/?tenant=1'],
  ['URLS_LOGIN', '/login'],
  ['URLS_CONSENT', 'javascript:alert(1)'],
  ['TTL_ACCESS_TOKEN', '3600'],
  ['TTL_AUTH_CODE', '-10m'],
  ['TTL_ID_TOKEN', '0s'],
  ['TTL_REFRESH_TOKEN', 'forever'],
  ['TTL_ACCESS_TOKEN', '99999999999h'],
  ['SECRETS_SYSTEM', 'too-short'],
  ['SECRETS_SYSTEM', 'long-enough-to-be-first,short'],
  ['OAUTH2_EXPOSE_INTERNAL_ERRORS', 'maybe'],
  ['OIDC_SUBJECT_IDENTIFIERS_ENABLED', 'secretive'],
  ['OIDC_SUBJECT_IDENTIFIERS_PAIRWISE_SALT', 'short', { OIDC_SUBJECT_IDENTIFIERS_ENABLED: 'public,pairwise' }],
  ['OAUTH2_REFRESH_TOKEN_REUSE', 'tolerate'],
  ['OAUTH2_REFRESH_TOKEN_GRACE_SECONDS', '1.5'],
  ['INTROSPECTION_CONSISTENCY', 'eventual'],
  ['OUTBOUND_ALLOW_PRIVATE_ADDRESSES', 'some'],
  ['LOG_LEVEL', 'loud'],
  ['LOG_FORMAT', 'xml'],
];

describe('the environment', () => {
  const folder = blockFolder();

  it('is refused in one line that names the variable', () => {
    for (const [name, value, more] of badValues) {
      const read = (): unknown => readConfiguration({ ...more, [name]: value });
      expect(read).toThrow(ConfigurationError);
      expect(read).toThrow(new RegExp(`^${name} [^\\n]+$`));
    }
  });

  it('stops the start of the process with that line, before anything is written', async () => {
    const untouched = join(folder.path, 'untouched');
    const ends = await fourAtATime(badValues.slice(0, startedWith), async ([name, value]) => {
      const end = await runAuthority(['serve', 'all'], { ...ports, DATA_DIR: untouched, [name]: value });
      return { setting: `${name}=${value}`, ...end };
    });
    const wrong = ends.filter(({ setting, code, output }) => code !== 1 || !isOneLineNaming(output, setting));
    expect(wrong).toEqual([]);
    expect(existsSync(untouched)).toBe(false);
  }, 60_000);

  it('keeps a password given in a variable out of the refusal', async () => {
    const { output } = await runAuthority(['serve', 'all'], { DSN: 'postgres://user:pass-word@db/hydra' });
    expect(output).not.toContain('pass-word');
  });

  it('names the variable when the data folder cannot be made or a port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const [noFolder, noPort] = await Promise.all([
      runAuthority(['serve', 'all'], { ...ports, DATA_DIR: '/dev/null' }),
      runAuthority(['serve', 'all'], {
        ...ports,
        DATA_DIR: join(folder.path, 'taken'),
        SERVE_PUBLIC_PORT: String(port),
      }),
    ]);
    taken.close();
    expect(noFolder).toEqual({ code: 1, output: expect.stringMatching(/^hydrant: DATA_DIR [^\n]*\n$/) });
    expect(noPort).toEqual({
      code: 1,
      output: expect.stringMatching(/^hydrant: [^\n]*SERVE_PUBLIC_PORT [^\n]*EADDRINUSE[^\n]*$/m),
    });
    expect(noPort.output).not.toMatch(/^\s+at /m);
  });

  it('refuses to serve one listener only, as one process owns the embedded log', async () => {
    for (const listener of ['admin', 'public']) {
      const end = await runAuthority(['serve', listener], { DATA_DIR: join(folder.path, 'half') });
      expect(end).toEqual({ code: 1, output: expect.stringMatching(/^hydrant: EVENT_STORE [^\n]*serve all[^\n]*\n$/) });
    }
  });

  it('takes legacy names with one warning line each, and prefers the names of today', async () => {
    const authority = await startAuthority(join(folder.path, 'legacy'), {
      URLS_SELF_ISSUER: '', // which counts as unset
      OAUTH2_ISSUER_URL: 'https://legacy.example.org',
      OAUTH2_LOGIN_URL: 'https://login.example.org/',
      ACCESS_TOKEN_LIFESPAN: '7m',
      SYSTEM_SECRET: 'a-system-secret-of-old',
      LOG_LEVEL: 'info',
      AUTH_CODE_LIFESPAN: 'never read',
      TTL_AUTH_CODE: '5m',
    });
    const discovery = await fetch(`${authority.publicUrl}/.well-known/openid-configuration`);
    expect(await discovery.json()).toMatchObject({ issuer: 'https://legacy.example.org/' });
    expect(await authority.stop()).toBe(0);
    const warnings = authority
      .output()
      .split('\n')
      .filter((line) => line.startsWith('warning:'));
    expect(warnings.sort()).toEqual([
      'warning: ACCESS_TOKEN_LIFESPAN is a legacy name, use TTL_ACCESS_TOKEN',
      'warning: OAUTH2_ISSUER_URL is a legacy name, use URLS_SELF_ISSUER',
      'warning: OAUTH2_LOGIN_URL is a legacy name, use URLS_LOGIN',
      'warning: SYSTEM_SECRET is a legacy name, use SECRETS_SYSTEM',
    ]);
  });
});

function isOneLineNaming(output: string, setting: string): boolean {
  const [name = ''] = setting.split('=');
  return output.startsWith(`hydrant: ${name} `) && output.indexOf('\n') === output.length - 1;
}
