import { describe, expect, it } from '@jest/globals';
import { presentedCredentials, requireRegisteredMethod } from './client-authentication.js';
import { type FormRecord, formValues } from './form-encoding.js';

const basic = (pair: string, scheme = 'Basic') => `${scheme} ${Buffer.from(pair).toString('base64')}`;
const present = (authorization: string | undefined, body: FormRecord = {}) =>
  presentedCredentials({ authorization, body: formValues(body) });

describe('presentedCredentials (RFC 6749 2.3)', () => {
  it.each<[string, string | undefined, FormRecord, [string, string, string]]>([
    ['a header', basic('c:s'), {}, ['client_secret_basic', 'c', 's']],
    ['a header in lower case', basic('c:s', 'basic'), {}, ['client_secret_basic', 'c', 's']],
    ['an encoded header', basic('c%3A1:a+b%25:x'), {}, ['client_secret_basic', 'c:1', 'a b%:x']],
    ['a header without secret', basic('c:'), {}, ['client_secret_basic', 'c', '']],
    ['a header, the id again in the body', basic('c:s'), { client_id: 'c' }, ['client_secret_basic', 'c', 's']],
    ['a body', undefined, { client_id: 'c', client_secret: 's' }, ['client_secret_post', 'c', 's']],
    ['both: the body counts', basic('c:h'), { client_id: 'c', client_secret: 'b' }, ['client_secret_post', 'c', 'b']],
    ['an id alone', undefined, { client_id: 'c' }, ['none', 'c', '']],
    ['an id and an empty secret', undefined, { client_id: 'c', client_secret: '' }, ['none', 'c', '']],
    ['an id and an empty assertion', undefined, { client_id: 'c', client_assertion: '' }, ['none', 'c', '']],
    ['an id and another scheme', 'Bearer x', { client_id: 'c' }, ['none', 'c', '']],
  ])('reads %s', (_, authorization, body, [method, clientId, secret]) => {
    expect(present(authorization, body)).toEqual({ method, clientId, secret });
  });

  it.each<[string, string | undefined, FormRecord, string, number]>([
    ['nothing', undefined, {}, 'invalid_request', 400],
    ['a bearer token alone', 'Bearer x', {}, 'invalid_request', 400],
    ['a secret alone', undefined, { client_secret: 's' }, 'invalid_request', 400],
    ['an empty header', 'Basic', {}, 'invalid_request', 400],
    ['no base64', 'Basic c:s', {}, 'invalid_request', 400],
    ['no colon', basic('c'), {}, 'invalid_request', 400],
    ['no id', basic(':s'), {}, 'invalid_request', 400],
    ['a bad escape in the id', basic('c%zz:s'), {}, 'invalid_request', 400],
    ['a bad escape in the secret', basic('c:100%'), {}, 'invalid_request', 400],
    ['a bad header beside a good body', 'Basic !', { client_id: 'c', client_secret: 's' }, 'invalid_request', 400],
    ['two different clients', basic('c:s'), { client_id: 'o', client_secret: 's' }, 'invalid_request', 400],
    ['client_id twice', undefined, { client_id: ['c', 'c'], client_secret: 's' }, 'invalid_request', 400],
    ['client_secret twice', undefined, { client_id: 'c', client_secret: ['s', 't'] }, 'invalid_request', 400],
    ['an assertion without its type', undefined, { client_assertion: 'x', client_id: 'c' }, 'invalid_request', 400],
    ['an assertion type beside a header', basic('c:s'), { client_assertion_type: 'x' }, 'invalid_client', 401],
    ['an assertion twice', undefined, { client_assertion: ['x', 'x'], client_id: 'c' }, 'invalid_request', 400],
  ])('refuses %s', (_, authorization, body, code, status) => {
    expect(() => present(authorization, body)).toThrow(expect.objectContaining({ code, status }));
  });
});

describe('requireRegisteredMethod (oauth2-flows.md 3.9)', () => {
  const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const;
  const registered = [...methods, 'client_secret_jwt', ''];

  it.each(registered.flatMap((one) => methods.map((other) => [one, other] as const)))(
    'registered %j, presented %s',
    (token_endpoint_auth_method, method) => {
      const check = () => requireRegisteredMethod({ token_endpoint_auth_method }, { method });
      if (token_endpoint_auth_method === method) expect(check).not.toThrow();
      else expect(check).toThrow(expect.objectContaining({ code: 'invalid_client', status: 401 }));
    },
  );
});
