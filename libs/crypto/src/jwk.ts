import { createECDH, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';

import { CryptoError } from './errors.js';
import { checkRsaPrivate, checkRsaPublic, shortest } from './rsa.js';

/** A JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037). Binary members are base64url without padding. */
export type Jwk = {
  readonly use?: string;
  readonly kty: string;
  readonly kid?: string;
  readonly crv?: string;
  readonly alg?: string;
  readonly k?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
  readonly d?: string;
  readonly p?: string;
  readonly q?: string;
  readonly dp?: string;
  readonly dq?: string;
  readonly qi?: string;
  /** Certificates, DER in standard base64, the key's own first. */
  readonly x5c?: readonly string[];
};

type TextMember = (typeof textMembers)[number];
type BinaryMember = (typeof binaryMembers)[number];
type Entry = [string, string | undefined];
type Members = { [member in TextMember | BinaryMember]?: string | undefined } & { x5c?: readonly string[] };

const textMembers = ['use', 'kty', 'kid', 'crv', 'alg'] as const;
const binaryMembers = ['k', 'x', 'y', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;
/** The order in which keys have always been written. */
const memberOrder = ['use', 'kty', 'kid', 'crv', 'alg', ...binaryMembers] as const;

const curves = new Map([
  ['P-256', { name: 'prime256v1', bytes: 32 }],
  ['P-384', { name: 'secp384r1', bytes: 48 }],
  ['P-521', { name: 'secp521r1', bytes: 66 }],
]);
const keyTypes = new Map([
  ['EC', ecMembers],
  ['RSA', rsaMembers],
  ['oct', octMembers],
  ['OKP', okpMembers],
]);
const ed25519Bytes = 32;
const base64url = /^[A-Za-z0-9_-]*$/;

/**
 * Reads a JSON Web Key from outside and checks that it is usable: components complete, on their curve, consistent.
 *
 * `use`, `alg` and `kid` are kept as they are and checked against nothing. Unknown members, and known ones of another `kty`,
 * are dropped; empty ones too, after the check. `null` is the same as absent.
 *
 * @returns members in the order `use kty kid crv alg k x y n e d p q dp dq qi x5c`
 * @throws CryptoError `invalid_jwk`
 */
export function parseJwk(input: unknown): Jwk {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw invalid('a key is a JSON object');
  const members = membersOf(input);
  const { use = '', kty = '', kid = '', alg = '', x5c = [] } = members;
  const readMembers = keyTypes.get(kty);
  if (!readMembers) throw invalid('kty is none of EC, RSA, oct, OKP');
  return jwkOf({ use, kid, alg, x5c, ...readMembers(members), kty });
}

/** The key without its private members. A symmetric key keeps no key material at all. */
export function publicJwk(jwk: Jwk): Jwk {
  const { k: _k, d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...shared } = jwk;
  return jwkOf(shared);
}

/** Whether the key holds anything that must not be published. */
export function hasPrivatePart(jwk: Jwk): boolean {
  return jwk.d !== undefined || jwk.k !== undefined;
}

/** Makes a key of members known to be right: puts them into the order of the wire and drops empty ones. */
export function jwkOf({ kty, x5c = [], ...members }: Members & { kty: string }): Jwk {
  const texts = memberOrder.map((name): Entry => [name, name === 'kty' ? kty : members[name]]);
  const present = Object.fromEntries(texts.filter(([, text]) => text !== undefined && text !== ''));
  return { ...present, kty, ...(x5c.length > 0 && { x5c }) };
}

/** Reads the members by name; those of other key types too, so that a damaged key is never half accepted. */
function membersOf(input: object): Members {
  const texts = textMembers.map((name): Entry => [name, textOf(input, name)]);
  const binaries = binaryMembers.map((name): Entry => [name, binaryOf(input, name)]);
  return { ...Object.fromEntries([...texts, ...binaries]), x5c: certificatesOf(input) };
}

function textOf(input: object, name: string): string | undefined {
  const value = memberOf(input, name);
  if (value === undefined || typeof value === 'string') return value;
  throw invalid(`${name} is not a string`);
}

function binaryOf(input: object, name: string): string | undefined {
  const text = textOf(input, name);
  if (text === undefined) return undefined;
  if (!base64url.test(text) || text.length % 4 === 1) throw invalid(`${name} is not base64url without padding`);
  return Buffer.from(text, 'base64url').toString('base64url'); // unused bits of the last character become 0
}

function certificatesOf(input: object): string[] {
  const value = memberOf(input, 'x5c') ?? [];
  if (!Array.isArray(value)) throw invalid('x5c is not an array');
  return value.map((certificate: unknown, index) => {
    if (typeof certificate === 'string' && isCertificate(certificate)) return certificate;
    throw invalid(`x5c[${index}] is not a certificate, DER in base64`);
  });
}

function isCertificate(text: string): boolean {
  const der = Buffer.from(text, 'base64');
  if (der.toString('base64') !== text) return false;
  try {
    return new X509Certificate(der).raw.equals(der); // it would take PEM as well
  } catch {
    return false;
  }
}

function memberOf(input: object, name: string): unknown {
  const value: unknown = Object.hasOwn(input, name) ? Reflect.get(input, name) : undefined;
  return value ?? undefined;
}

function ecMembers({ crv = '', x = '', y = '', d }: Members): Members {
  const curve = curves.get(crv);
  if (!curve) throw invalid('crv is none of P-256, P-384, P-521');
  requireLength({ x, y, ...(d !== undefined && { d }) }, curve.bytes);
  try {
    createPublicKey({ format: 'jwk', key: { kty: 'EC', crv, x, y } });
  } catch {
    throw invalid('x, y is not a point on the curve');
  }
  if (d === undefined) return { crv, x, y };
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  if (!ecPoint(curve.name, d)?.equals(point)) throw invalid('d does not belong to x, y');
  return { crv, x, y, d };
}

/** The public point of a private scalar, uncompressed; none when it is zero or not below the curve's order. */
function ecPoint(curveName: string, d: string): Buffer | undefined {
  const ecdh = createECDH(curveName);
  try {
    ecdh.setPrivateKey(d, 'base64url');
    return ecdh.getPublicKey();
  } catch {
    return undefined;
  }
}

function okpMembers({ crv = '', x = '', d }: Members): Members {
  if (crv !== 'Ed25519') throw invalid('crv is not Ed25519');
  requireLength({ x, ...(d !== undefined && { d }) }, ed25519Bytes);
  if (d === undefined) return { crv, x };
  const privateKey = createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv, x, d } });
  if (createPublicKey(privateKey).export({ format: 'jwk' }).x !== x) throw invalid('d does not belong to x');
  return { crv, x, d };
}

function rsaMembers({ d, p, q, ...members }: Members): Members {
  const n = requireNumber('n', members.n);
  const e = requireNumber('e', members.e);
  checkRsaPublic(n, e);
  if (d === undefined) return { n, e };
  const key = { n, e, d: requireNumber('d', d), p: requireNumber('p', p), q: requireNumber('q', q) };
  const crt = {
    ...(members.dp !== undefined && { dp: shortest(members.dp) }),
    ...(members.dq !== undefined && { dq: shortest(members.dq) }),
    ...(members.qi !== undefined && { qi: shortest(members.qi) }),
  };
  checkRsaPrivate(key, crt);
  return { ...key, ...crt };
}

function octMembers({ k }: Members): Members {
  if (k === undefined) throw invalid('k is missing');
  return { k };
}

function requireNumber(name: string, value: string | undefined): string {
  const number = shortest(value ?? '');
  if (number === '') throw invalid(`${name} is missing`);
  return number;
}

function requireLength(values: { readonly [name: string]: string }, bytes: number): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === '') throw invalid(`${name} is missing`);
    if (Buffer.byteLength(value, 'base64url') !== bytes) throw invalid(`${name} does not have ${bytes} bytes`);
  }
}

function invalid(reason: string): CryptoError {
  return new CryptoError('invalid_jwk', reason);
}
