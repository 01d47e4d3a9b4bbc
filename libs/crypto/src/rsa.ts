import { CryptoError } from './errors.js';

/** RFC 8017 section 3.2, without the CRT members: what rc.8 writes of a private key. Values are base64url. */
type RsaPrivateMembers = { n: string; e: string; d: string; p: string; q: string };
type CrtMembers = { dp: string; dq: string; qi: string };

/** OpenSSL refuses larger moduli; far smaller ones are no keys. */
const maxModulusBits = 16_384;
const minModulusBits = 512;
const maxExponent = 2n ** 31n - 1n;

/** @throws CryptoError `invalid_jwk` unless this can be an RSA public key */
export function checkRsaPublic(n: string, e: string): void {
  const modulus = integer(n);
  const exponent = integer(e);
  const bits = modulus.toString(2).length;
  if (bits < minModulusBits || bits > maxModulusBits || isEven(modulus)) {
    throw invalid('n is not an RSA modulus');
  }
  if (exponent < 3n || exponent > maxExponent || isEven(exponent)) throw invalid('e is not an RSA public exponent');
}

/**
 * Checks that a private key belongs to its public half, and its CRT members, where given, to it. A wrong CRT member makes
 * faulty signatures, and one of those is enough to factor n.
 *
 * @throws CryptoError `invalid_jwk`
 */
export function checkRsaPrivate(members: RsaPrivateMembers, crt: Partial<CrtMembers>): void {
  const { n, e, d, p, q } = integers(members);
  if (p <= 1n || q <= 1n || p * q !== n) throw invalid('n is not the product of p and q');
  // e*d = 1 modulo both is the same as modulo their least common multiple
  if (d >= n || (e * d) % (p - 1n) !== 1n || (e * d) % (q - 1n) !== 1n) throw invalid('d is not the inverse of e');
  const expected = crtMembers(members);
  for (const member of ['dp', 'dq', 'qi'] as const) {
    if (crt[member] !== undefined && crt[member] !== expected[member]) throw invalid(`${member} does not fit the key`);
  }
}

/** Computes the members RFC 7518 section 6.3.2 leaves optional, but Web Crypto wants. */
export function crtMembers(members: RsaPrivateMembers): CrtMembers {
  const { d, p, q } = integers(members);
  return { dp: encoded(d % (p - 1n)), dq: encoded(d % (q - 1n)), qi: encoded(inverse(q % p, p)) };
}

/** The number as RFC 7518 section 2 (Base64urlUInt) writes it: no leading zero octets. */
export function shortest(value: string): string {
  const bytes = Buffer.from(value, 'base64url');
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? '' : bytes.toString('base64url', first);
}

function integers(members: RsaPrivateMembers): Record<keyof RsaPrivateMembers, bigint> {
  const { n, e, d, p, q } = members;
  return { n: integer(n), e: integer(e), d: integer(d), p: integer(p), q: integer(q) };
}

function integer(value: string): bigint {
  const bytes = Buffer.from(value, 'base64url');
  if (bytes.length * 8 > maxModulusBits) throw invalid('a number is too large for an RSA key');
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
}

function encoded(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}

/** The inverse of `value` modulo `modulus`, by Euclid's extended algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [remainder, next] = [modulus, value];
  let [coefficient, nextCoefficient] = [0n, 1n];
  while (next > 0n) {
    const quotient = remainder / next;
    [remainder, next] = [next, remainder - quotient * next];
    [coefficient, nextCoefficient] = [nextCoefficient, coefficient - quotient * nextCoefficient];
  }
  if (remainder !== 1n) throw invalid('p and q have a common factor');
  return coefficient < 0n ? coefficient + modulus : coefficient;
}

function isEven(value: bigint): boolean {
  return value % 2n === 0n;
}

function invalid(reason: string): CryptoError {
  return new CryptoError('invalid_jwk', reason);
}
