import { describe, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { type KeySecretEvent, keySecret } from './key-secret.js';

const given = deciderSpec(keySecret);
const data = { secretId: 'secret-1', set: 'partner', sealedJwk: 'v1.1.iv.body' };
const sealed: KeySecretEvent = { type: 'SecretSealed', data };

describe('SealSecret', () => {
  it('records the sealed key', () => given().when({ type: 'SealSecret', data }).thenEvents(sealed));
  it('changes nothing the second time', () => given(sealed).when({ type: 'SealSecret', data }).thenNothing());
  it('never replaces a secret', () =>
    given(sealed)
      .when({ type: 'SealSecret', data: { ...data, sealedJwk: 'v1.1.iv.other' } })
      .thenNothing());
});
