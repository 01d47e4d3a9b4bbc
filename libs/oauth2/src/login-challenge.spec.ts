import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type LoginChallengeContent, decodeLoginChallenge, encodeLoginChallenge } from './login-challenge.js';

const usual =
  'audience=&client_id=b0b3e7e2-6f2c-4f5e-8f0b-3d8a1f3f4c11&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' +
  '&code_challenge_method=S256&max_age=0&nonce=b7c2f6c1d4a94f0e8e3a5d6c7b8a9f01&prompt=' +
  '&redirect_uri=https%3A%2F%2Fprints.photos.example%2Foauth%2Fcallback&response_type=code&scope=openid+offline+photos.read' +
  '&state=Zm9vYmFyYmF6cXV4cXV1eGNvcmdlZ3JhdWx0Z2FycGx5';
const content: LoginChallengeContent = {
  ...{ clientIncarnation: 7, requestedAt: new Date('2030-01-01T12:00:00.123Z'), sessionId: null, hintVerified: false },
  ...{ csrfHash: Buffer.alloc(32, 5).toString('base64url'), redirectUri: 'https://app.example/cb', rawQuery: usual },
};
const anyContent = fc.record<LoginChallengeContent>({
  clientIncarnation: fc.nat(),
  requestedAt: fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }),
  csrfHash: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  sessionId: fc.option(fc.string({ maxLength: 63, unit: 'grapheme-ascii' })),
  redirectUri: fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
  hintVerified: fc.boolean(),
  rawQuery: fc.string({ maxLength: 2_000, unit: 'grapheme' }),
});

/** As written when this form was shipped. */
const kept =
  'AwAAAAcBuN1Y4nsFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQMAFnNpZGh0dHBzOi8vYXBwLmV4YW1wbGUvY2J90clqwzAUheEHKgqabMvrErm4' +
  'uIUOGbyTrq7qQlQZT3HevhScYkrJ9izO4vt_SVabpVZghpykngORPkGiPLVEOGWYF14CY39FtnmFpyYa_nyedLet3sqP8f7BRHxkg3p_2duxKF_74UyguuV8TUqX' +
  'JjYD7lNgTppceooKhUlcCplVJveUXfPekm67z6-h37RNHGK_wdmE9gdWRzMOzTrBf15r5cX1bnnq0LgFtA75dAz6cgw6hcNOwmHHsHiaILhTLcrG7Wdac32BYk6-AQ';

describe('what a login challenge holds', () => {
  it('is read as it was written, whatever it is', () => {
    fc.assert(
      fc.property(anyContent, (each) => {
        expect(decodeLoginChallenge(encodeLoginChallenge(each)!)).toEqual(each);
      }),
    );
  });

  it('names a redirect URI that the query has once, also where it was spelled another way there', () => {
    const sent = { ...content, redirectUri: 'https://prints.photos.example/oauth/callback' };
    expect(decodeLoginChallenge(encodeLoginChallenge(sent)!)).toEqual(sent);
    const [once, apart] = [encodeLoginChallenge(sent)!, encodeLoginChallenge(content)!];
    expect(apart.length - once.length).toBe(content.redirectUri.length);
  });

  it('leaves a usual request a challenge of 500 characters', () => {
    const encoded = encodeLoginChallenge({ ...content, redirectUri: 'https://prints.photos.example/oauth/callback' })!;
    expect(Math.ceil(((encoded.length + 34) * 4) / 3)).toBeLessThan(500);
  });

  it('tells nothing of its secrets by its length: they are not compressed with the query', () => {
    const lengths = ['a-session-id-that-the-query-has', 'a-session-id-that-nobody-knows-'].map((sessionId) => {
      const rawQuery = `${usual}&login_hint=a-session-id-that-the-query-has`;
      return encodeLoginChallenge({ ...content, sessionId, rawQuery })!.length;
    });
    expect(lengths[0]).toBe(lengths[1]);
  });

  it('has a query of 16,384 bytes at most, however well it compresses', () => {
    const of = (length: number) => encodeLoginChallenge({ ...content, rawQuery: 'a'.repeat(length) });
    expect(decodeLoginChallenge(of(16_384)!).rawQuery).toHaveLength(16_384);
    expect(of(16_385)).toBeUndefined();
  });

  it('is inflated no further than that', () => {
    const head = encodeLoginChallenge(content)!.subarray(0, 46 + content.redirectUri.length);
    const bomb = Buffer.concat([head, deflateRawSync(Buffer.alloc(10_000_000))]);
    expect(() => decodeLoginChallenge(bomb)).toThrow('16384');
  });

  it('stays what it is: browsers hold it while the program is replaced', () => {
    const written = { ...content, sessionId: 'sid', hintVerified: true };
    expect(decodeLoginChallenge(Buffer.from(kept, 'base64url'))).toEqual(written);
  });
});
