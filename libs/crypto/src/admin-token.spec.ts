import { describe, expect, it } from '@jest/globals';
import { adminTokenHash, mintAdminToken } from './admin-token.js';

describe('tokens for the Admin API', () => {
  it('are of 256 random bits, and stored under their hash', () => {
    const [one, other] = [mintAdminToken(), mintAdminToken()];
    expect(one.token).toMatch(/^hydrant_admin_[\w-]{43}$/);
    expect(one.token).not.toBe(other.token);
    expect(adminTokenHash(one.token)).toBe(one.hash);
    expect(one.hash).toMatch(/^[\w-]{43}$/);
    expect(one.hash).not.toContain(one.token.slice(14, 30));
  });

  it.each(['', 'hydrant_admin_', `hydrant_admin_${'a'.repeat(42)}`, `hydrant_admin_${'a'.repeat(44)}`, 'a'.repeat(57)])(
    'are not "%s"',
    (text) => expect(adminTokenHash(text)).toBeUndefined(),
  );
});
