import { describe, expect, it } from '@jest/globals';
import { authoritySpec } from '../testing/authority-spec.js';

describe('the metrics of commands', () => {
  const spec = authoritySpec();
  const metrics = async (): Promise<string[]> =>
    (await spec.authority.admin('GET', '/metrics/prometheus')).text.split('\n');
  const counted = async (command: string, outcome: string): Promise<number> => {
    const name = `hydrant_commands_total{command="${command}",outcome="${outcome}"} `;
    return Number((await metrics()).find((line) => line.startsWith(name))?.slice(name.length) ?? 0);
  };

  it('count and time those of both listeners, each by its outcome', async () => {
    const { id, secret, redirectUri } = await spec.authority.createClient({ client_id: 'measured' });
    await spec.authority.createClient({ client_id: 'another' });
    expect((await spec.authority.admin('POST', '/clients', { client_id: 'measured' })).status).toBe(409);
    const tokens = await spec.authority.obtainTokens({ id, secret, redirectUri });
    await spec.authority.form('/oauth2/token', { grant_type: 'client_credentials' }, { id, secret });
    expect((await spec.authority.refresh({ id, secret }, tokens.refresh_token ?? '')).status).toBe(200);
    expect((await spec.authority.refresh({ id, secret }, tokens.refresh_token ?? '')).status).toBe(400);

    const expected = [
      { command: 'CreateClient', outcome: 'done', count: 2 },
      { command: 'CreateClient', outcome: 'refused', count: 1 },
      { command: 'EnsureSigningKey', outcome: 'done', count: 1 },
      { command: 'AcceptLogin', outcome: 'done', count: 1 },
      { command: 'AcceptConsent', outcome: 'done', count: 1 },
      { command: 'RedeemAuthorizationCode', outcome: 'done', count: 1 },
      { command: 'IssueMachineToken', outcome: 'done', count: 1 },
      { command: 'RefreshTokens', outcome: 'done', count: 1 },
      { command: 'RefreshTokens', outcome: 'refused', count: 1 },
      { command: 'RefreshTokens', outcome: 'failed', count: 0 },
    ];
    const seen = expected.map(async ({ command, outcome }) => ({
      ...{ command, outcome },
      count: await counted(command, outcome),
    }));
    expect(await Promise.all(seen)).toEqual(expected);
    expect(await metrics()).toContain(
      'hydrant_command_duration_seconds_count{command="RefreshTokens",outcome="refused"} 1',
    );
  });
});
