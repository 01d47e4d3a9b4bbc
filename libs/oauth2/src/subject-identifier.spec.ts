import { describe, expect, it } from '@jest/globals';
import { sha256Hex } from '#libs/crypto';
import { type RegistrationInput, normaliseRegistration } from './client-metadata/normalise-registration.js';
import { subjectIdentifier } from './subject-identifier.js';

const salt = '76d5d2bf-747f-4592-9fbd-d2b895a54b3a';
const both = ['public', 'pairwise'];

type Given = { forced?: string; pairwiseSalt?: string | undefined; supported?: string[] };

function identify(metadata: RegistrationInput, given: Given = {}): string {
  const registration = {
    ...normaliseRegistration(
      { subject_type: 'pairwise', ...metadata },
      { defaultScope: '', subjectTypesSupported: both },
    ),
    ...(metadata.sector_identifier_uri == null ? {} : { sector_identifier_uri: metadata.sector_identifier_uri }),
  };
  return subjectIdentifier({
    subject: 'auth-user',
    registration,
    forced: '',
    pairwiseSalt: salt,
    supported: both,
    ...given,
  });
}

describe('subjectIdentifier (oauth2-flows.md 2.11)', () => {
  it('is the subject itself for public clients, also when one is forced', () => {
    expect(identify({ subject_type: 'public' })).toBe('auth-user');
    expect(identify({ subject_type: 'public' }, { forced: 'other' })).toBe('auth-user');
  });

  it('is the hash of sector, subject and salt', () => {
    const vector = 'c737d5e1fec8896d096d49f6b1a73eb45ac7becb87de9ac3f0a350bad2a9c9fd';
    expect(identify({ redirect_uris: ['https://foo/cb'] })).toBe(vector);
  });

  it.each([
    [
      { sector_identifier_uri: 'https://s/list.json', redirect_uris: ['https://a', 'https://b'] },
      'https://s/list.json',
    ],
    [{ redirect_uris: ['http://App:80/cb'] }, 'App:80'],
  ])('has the sector of %j', (metadata, sector) => {
    expect(identify(metadata)).toBe(sha256Hex(`${sector}auth-user${salt}`));
  });

  it('is the forced one for pairwise clients, even without a sector', () => {
    expect(identify({}, { forced: 'forced' })).toBe('forced');
  });

  it.each<[string, RegistrationInput, Given]>([
    ['several redirect URIs without sector', { redirect_uris: ['https://a/1', 'https://a/2'] }, {}],
    ['no redirect URI', {}, {}],
    ['a redirect URI without host', { redirect_uris: ['com.example:/cb'] }, {}],
    ['no salt', { redirect_uris: ['https://foo'] }, { pairwiseSalt: undefined }],
    ['pairwise not enabled', { redirect_uris: ['https://foo'] }, { supported: ['public'] }],
    ['pairwise not enabled, and one forced', {}, { supported: ['public'], forced: 'forced' }],
  ])('cannot be told: %s', (_, metadata, given) => {
    expect(() => identify(metadata, given)).toThrow(/^invalid_request/);
  });
});
