import {
  type Schema,
  answerModel,
  described,
  listOf,
  nullable,
  ref,
  requestModel,
  text,
  texts,
} from '../../openapi/schema.js';

const binary = described({ type: 'string', pattern: '^[A-Za-z0-9_-]+$' }, 'base64url without padding');
const binaryMembers = ['k', 'x', 'y', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'];

/** JSON Web Keys (admin-api.md 3.2 to 3.4). Empty members are left out of answers, unknown ones dropped on input. */
export const keySchemas: Readonly<Record<string, Schema>> = {
  JsonWebKey: described(
    answerModel(
      { kty: { enum: ['EC', 'RSA', 'oct', 'OKP'] } },
      {
        use: text,
        kid: text,
        crv: { enum: ['P-256', 'P-384', 'P-521', 'Ed25519'] },
        alg: text,
        ...Object.fromEntries(binaryMembers.map((member) => [member, binary])),
        x5c: described(texts, 'Certificates, DER in standard base64.'),
      },
    ),
    'A JSON Web Key (RFC 7517). Private parts are shown.',
  ),
  JsonWebKeySet: answerModel({ keys: listOf(ref('JsonWebKey')) }),
  PutJsonWebKeySet: described(
    answerModel({ keys: nullable(listOf(ref('JsonWebKey'))) }),
    'The keys that were put; null when the request had none.',
  ),
  JsonWebKeyRequest: {
    type: 'object',
    required: ['kty'],
    properties: { kty: { enum: ['EC', 'RSA', 'oct', 'OKP'] } },
    additionalProperties: true,
  },
  JsonWebKeySetRequest: requestModel({ keys: listOf(ref('JsonWebKeyRequest')) }, 'ignored'),
  JsonWebKeySetGeneratorRequest: requestModel(
    {
      alg: { enum: ['RS256', 'ES512', 'HS256', 'HS512'], type: 'string' },
      kid: described(
        { ...text, maxLength: 255 },
        'Generated (UUIDv4) when absent. Of RS256 and ES512 at most 247 characters: the keys have a prefix each.',
      ),
      use: text,
    },
    'ignored',
    ['alg'],
  ),
};

/** What may be generated below `/admin` (admin-api.md 4.2). */
export const laterKeySchemas: Readonly<Record<string, Schema>> = {
  JsonWebKeySetGeneratorRequestV26: generatorRequest(),
};

function generatorRequest(): Schema {
  const { properties, ...rest } = keySchemas['JsonWebKeySetGeneratorRequest'] as { properties: Record<string, Schema> };
  const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
  const alg = { enum: [...rsa, 'ES256', 'ES384', 'ES512', 'EdDSA'], type: 'string' };
  const kid = described({ ...text, maxLength: 255 }, 'Generated (UUIDv4) when absent.');
  const use = described(properties['use'] ?? {}, 'sig when absent.');
  return { ...rest, properties: { ...properties, alg, kid, use } };
}
