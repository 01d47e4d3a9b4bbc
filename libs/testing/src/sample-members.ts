import { type ClientMember, type ClientMemberName } from '#libs/oauth2';

const uri = 'https://app.example';
const ofKind: Readonly<Record<ClientMember['kind'], unknown>> = {
  string: uri,
  strings: [uri],
  object: { tier: 'gold' },
  integer: 7,
  timestamp: '2001-01-01T00:00:00Z',
};

/** Members that cannot be just anything of their kind. */
const ofName: Partial<Record<ClientMemberName, unknown>> = {
  client_secret: 'a-chosen-secret',
  jwks: { keys: [] },
  request_object_signing_alg: 'RS256',
  subject_type: 'public',
  token_endpoint_auth_method: 'client_secret_post',
  userinfo_signed_response_alg: 'RS256',
};

/** A value that a client can have, where it is not the default if there is another. */
export function sampleMember({ name, kind }: ClientMember & { readonly name: ClientMemberName }): unknown {
  return ofName[name] ?? ofKind[kind];
}
