import { describe, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { type SubjectKeyEvent, subjectKey } from './subject-key.js';

const given = deciderSpec(subjectKey);
const data = { keyId: 'key-1', sealedKey: 'v1.1.iv.body' };
const sealed: SubjectKeyEvent = { type: 'SubjectKeySealed', data };

describe('SealSubjectKey', () => {
  it('records the sealed key', () => given().when({ type: 'SealSubjectKey', data }).thenEvents(sealed));
  it('changes nothing the second time', () => given(sealed).when({ type: 'SealSubjectKey', data }).thenNothing());
  it('never replaces a key', () =>
    given(sealed)
      .when({ type: 'SealSubjectKey', data: { ...data, sealedKey: 'v1.1.iv.other' } })
      .thenNothing());
});
