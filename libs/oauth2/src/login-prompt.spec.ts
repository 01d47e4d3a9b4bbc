import { describe, expect, it } from '@jest/globals';
import { normaliseRegistration } from './client-metadata/normalise-registration.js';
import { consentSkippable, decideLogin, validateLoginOutcome } from './login-prompt.js';

const rules = { defaultScope: '', subjectTypesSupported: ['public'] };
const confidential = normaliseRegistration({}, rules);
const publicClient = normaliseRegistration({ token_endpoint_auth_method: 'none' }, rules);

/** Seconds around the time of the request. */
function at(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
}

describe('decideLogin (oauth2-flows.md 2.2)', () => {
  type Question = Partial<Parameters<typeof decideLogin>[0]>;
  const session = { sessionId: 's', subject: 'alice', authenticatedAt: at(-60) };
  const decide = (question: Question) =>
    decideLogin({
      ...{ prompt: [], maxAge: null, hint: null, session, subjectIdentifiers: ['alice', 'pairwise'] },
      now: new Date(at(0)),
      ...question,
    });

  it.each<[string, Question]>([
    ['there is a session', {}],
    ['also with prompt=none', { prompt: ['none'] }],
    ['also with prompt=consent', { prompt: ['consent'] }],
    ['max_age is just kept', { maxAge: 60 }],
    ['the hint names the subject', { hint: { subject: 'alice' } }],
    ['the hint names its pairwise form', { hint: { subject: 'pairwise' } }],
  ])('skips when %s', (_, question) => expect(decide(question)).toEqual({ kind: 'skip', session }));

  it.each<[string, Question]>([
    ['prompt=login', { prompt: ['login'] }],
    ['no session', { session: undefined }],
    ['max_age is over', { maxAge: 59 }],
    ['the hint is of somebody else (D4)', { hint: { subject: 'bob' } }],
    ['prompt=login, whatever else is wrong', { prompt: ['login'], maxAge: 'invalid', hint: 'invalid' }],
    ['no session, whatever else is wrong', { session: undefined, maxAge: 'invalid', hint: 'invalid' }],
    ['max_age is over, whatever the hint', { maxAge: 1, hint: 'invalid' }],
  ])('asks when %s; with prompt=none that is login_required', (_, question) => {
    expect(decide(question)).toEqual({ kind: 'ask' });
    const none = { ...question, prompt: [...(question.prompt ?? []), 'none'] };
    expect(() => decide(none)).toThrow(/^login_required/);
  });

  it.each<[string, Question]>([
    ['max_age is no integer', { maxAge: 'invalid' }],
    ['the hint cannot be verified', { hint: 'invalid' }],
  ])('refuses when there is a session and %s', (_, question) => {
    expect(() => decide(question)).toThrow(/^invalid_request/);
  });
});

describe('validateLoginOutcome (oauth2-flows.md 2.9)', () => {
  type Outcome = Parameters<typeof validateLoginOutcome>[0];
  type Given = Partial<Omit<Outcome, 'request'>> & Partial<Outcome['request']>;
  const validate = ({ prompt, maxAge, redirectUri, ...given }: Given) =>
    validateLoginOutcome({
      request: {
        ...{
          redirectUriSent: true,
          responseTypes: ['code'],
          scope: [],
          audience: [],
          acrValues: [],
          codeChallenge: null,
        },
        ...{ prompt: prompt ?? [], maxAge: maxAge ?? null, redirectUri: redirectUri ?? 'https://app/cb' },
      },
      ...{ registration: confidential, hint: null, subjectIdentifier: 'alice', requestedAt: at(0) },
      authenticatedAt: at(10),
      now: new Date(at(10)),
      ...given,
    });
  const native = { registration: publicClient, redirectUri: 'com.example:/cb' };
  const remembered = { authenticatedAt: at(-60) };

  it.each<[string, Given]>([
    ['nothing special', {}],
    ['prompt=login and a fresh login', { prompt: ['login', 'consent'] }],
    ['prompt=none and a remembered login', { prompt: ['none'], ...remembered }],
    ['prompt=none, public client at https (D12)', { prompt: ['none'], ...remembered, registration: publicClient }],
    ['max_age and a user slower than it', { maxAge: 1, authenticatedAt: at(10), now: new Date(at(900)) }],
    ['max_age just kept when the request came', { maxAge: 60, ...remembered }],
    ['a clock 5 seconds ahead', { authenticatedAt: at(15) }],
    ['the hint of who logged in', { hint: { subject: 'alice' } }],
    ['a native app that does not ask for prompt=none', native],
  ])('accepts %s', (_, given) => expect(() => validate(given)).not.toThrow());

  it.each<[string, Given, string]>([
    ['prompt=none of a native app', { ...native, ...remembered, prompt: ['none'] }, 'consent_required'],
    [
      'prompt=none of a public client at http',
      { ...native, prompt: ['none'], redirectUri: 'http://127.0.0.1/' },
      'consent_required',
    ],
    ['an unknown prompt', { prompt: ['select_account'] }, 'invalid_request'],
    ['a prompt in another case', { prompt: ['Login'] }, 'invalid_request'],
    ['none with others', { prompt: ['none', 'login'] }, 'invalid_request'],
    ['a login in the future', { authenticatedAt: at(16) }, 'server_error'],
    ['a login older than max_age at the request', { maxAge: 59, ...remembered }, 'login_required'],
    ['prompt=none and a login after the request', { prompt: ['none'] }, 'login_required'],
    ['prompt=login and a login before the request', { prompt: ['login'], ...remembered }, 'login_required'],
    ['a hint that cannot be verified', { hint: 'invalid' }, 'invalid_request'],
    ['a hint of somebody else', { hint: { subject: 'bob' } }, 'login_required'],
    ['a hint in another case', { hint: { subject: 'Alice' } }, 'login_required'],
  ])('refuses %s', (_, given, code) => {
    expect(() => validate(given)).toThrow(expect.objectContaining({ code }));
  });
});

describe('consentSkippable (oauth2-flows.md 2.6)', () => {
  it.each([
    [[], confidential, 'http://127.0.0.1/', true],
    [['login'], publicClient, 'https://app/cb', true],
    [['consent'], confidential, 'https://app/cb', false],
    [['login', 'consent'], publicClient, 'https://app/cb', false],
    [[], publicClient, 'http://127.0.0.1/', false],
    [[], publicClient, 'com.example:/cb', false],
  ])('prompt %j', (prompt, registration, redirectUri, skippable) => {
    expect(consentSkippable({ prompt, registration, redirectUri })).toBe(skippable);
  });
});
