import { describe, expect, it } from '@jest/globals';
import { pagination } from './pagination.js';

describe('pagination (admin-api.md 1.8)', () => {
  it.each([
    [{}, 100, 0],
    [{ limit: '1', offset: '100' }, 1, 100],
    [{ limit: '0' }, 0, 0],
    [{ limit: '501' }, 500, 0],
    [{ limit: '-1', offset: '-5' }, 0, 0],
    [{ limit: 'abc', offset: 'x' }, 100, 0],
    [{ limit: '1.5', offset: '1e3' }, 100, 0],
    [{ limit: '', offset: ' 1' }, 100, 0],
    [{ limit: '99999999999999999999' }, 100, 0],
    [{ offset: '9223372036854775807' }, 100, Number.MAX_SAFE_INTEGER],
    [{ limit: '+9223372036854775807', offset: '9223372036854775808' }, 500, 0],
    [{ limit: '-9223372036854775808', offset: '-9223372036854775809' }, 0, 0],
    [{ limit: ['2', '3'], offset: [] }, 2, 0],
  ])('%j', (query, limit, offset) => expect(pagination(query)).toEqual({ limit, offset }));
});
