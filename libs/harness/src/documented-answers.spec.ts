import { describe, expect, it } from '@jest/globals';
import { type Answered, expectDocumented } from './documented-answers.js';

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Answered => {
  const all: Record<string, string> = { 'content-type': 'application/json', ...headers };
  return {
    status,
    text: body === undefined ? '' : JSON.stringify(body),
    header: (name) => all[name.toLowerCase()],
  };
};
const caching = { 'cache-control': 'no-store' };
const used = { redirect_to: 'http://127.0.0.1/' };
const error = { error: 'x', error_description: '', status_code: 412, request_id: '' };
const judged = (method: string, path: string, answered: Answered) => (): void =>
  expectDocumented(method, path, answered);

describe('an answer held against the OpenAPI document', () => {
  it.each([
    ['GET', '/oauth2/auth/requests/login?login_challenge=c', answer(410, used, caching)],
    ['GET', '/admin/oauth2/auth/requests/login?login_challenge=c', answer(410, used, caching)],
    ['GET', '/admin/keys/s/k', answer(200, { keys: [] }, { etag: '"1"', ...caching })],
    ['PATCH', '/admin/clients/c', answer(412, error, caching)],
    ['POST', '/admin/oauth2/introspect', answer(200, { active: false }, caching)],
    ['GET', '/made/up', answer(418, 'not looked at')],
  ])('passes when it is there: %s %s', (method, path, answered) => {
    expect(judged(method, path, answered)).not.toThrow();
  });

  it.each([
    ['a status of another generation', 'GET', '/oauth2/auth/requests/login/c', answer(410, used), /status 410/],
    ['a member too many', 'GET', '/oauth2/auth/requests/login', answer(410, { ...used, x: 1 }, caching), /additional/],
    [
      'a member too few',
      'POST',
      '/admin/oauth2/introspect',
      answer(200, { active: true, scope: '' }, caching),
      /required/,
    ],
    ['no ETag', 'GET', '/admin/keys/s/k', answer(200, { keys: [] }, caching), /no ETag/],
    ['no Cache-Control', 'GET', '/admin/keys/s/k', answer(200, { keys: [] }, { etag: '"1"' }), /no Cache-Control/],
    ['a header of another operation', 'GET', '/version', answer(200, { version: '1' }, { link: '' }), /has Link/],
    ['a body where there is none', 'DELETE', '/admin/clients/c', answer(204, {}), /without a body/],
    ['another content type', 'GET', '/version', answer(200, {}, { 'content-type': 'text/html' }), /content type/],
  ])('fails for %s: %s %s', (_what, method, path, answered, problem) => {
    expect(judged(method, path, answered)).toThrow(problem);
  });
});
