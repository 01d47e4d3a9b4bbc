import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { TestBrowser } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { errorIn, parametersOf, publicClient } from './flow.js';

const verifier = 'a-verifier-of-at-least-43-characters-as-RFC-7636-wants-it';
const challenge = createHash('sha256').update(verifier).digest('base64url');
const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };

describe.each([
  ['OAUTH2_PKCE_ENFORCED', 'invalid_request'],
  ['OAUTH2_PKCE_ENFORCED_FOR_PUBLIC_CLIENTS', null],
])('%s (RFC 7636 4.4.1)', (variable, forConfidential) => {
  const running = runningAuthority({ [variable]: 'true' });

  it('asks public clients for a challenge, and others as it says', async () => {
    const { authority } = running;
    const [open, confidential] = [await publicClient(authority), await authority.createClient()];
    const asked = (client: typeof open, more = {}): Promise<URL> =>
      new TestBrowser().followed(authority.authorizationUrl(parametersOf(client, more)));
    expect(errorIn(await asked(open))).toBe('invalid_request');
    expect(errorIn(await asked(confidential))).toBe(forConfidential);
    expect(errorIn(await asked(open, pkce))).toBeNull();
    const code =
      (await authority.authorize(new TestBrowser(), parametersOf(open, pkce))).searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', client_id: open.id, code, redirect_uri: open.redirectUri };
    expect((await authority.form('/oauth2/token', { ...form, code_verifier: verifier })).status).toBe(200);
  });
});
