import fc from 'fast-check';

const oddHeaders = fc.dictionary(
  fc.constantFrom(
    'content-type',
    'accept',
    'if-match',
    'if-none-match',
    'x-reason',
    'traceparent',
    'authorization',
    'x-forwarded-proto',
    'cookie',
    'range',
    'accept-encoding',
  ),
  fc.oneof(
    fc.string({ unit: fc.constantFrom(...'aZ0 -_;:=,/*"\'\\(){}<>&%'), maxLength: 30 }),
    fc.constantFrom(
      'application/json',
      'text/plain',
      'multipart/form-data',
      '*',
      'W/"1"',
      '"0"',
      'Basic eDp5',
      ';;;',
      '9'.repeat(40),
    ),
  ),
  { maxKeys: 3 },
);
/** Keys that come again, with the same request or another one. */
export const repeatedKeys = Array.from({ length: 8 }, (_, index) => `again-${index}`);
const latin = (text: string): string => Buffer.from(text).toString('latin1');
const idempotencyKeys = fc.oneof(
  { weight: 4, arbitrary: fc.uuid() },
  { weight: 2, arbitrary: fc.constantFrom(...repeatedKeys) },
  { weight: 1, arbitrary: fc.string({ maxLength: 30 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', ' ', '"quoted"', latin('ключ'), latin('🔑'), 'x'.repeat(255), 'x'.repeat(8000)),
  },
);
const entityTags = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 12 }).map((revision) => `"${revision}"`) },
  { weight: 3, arbitrary: fc.constant('*') },
  {
    weight: 2,
    arbitrary: fc
      .array(
        fc.nat({ max: 30 }).map((revision) => `"${revision}"`),
        { minLength: 2, maxLength: 20 },
      )
      .map(String),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '',
      '"',
      '0',
      '*, "1"',
      'W/"1"',
      'w/"1"',
      ',,"1",,',
      `"${latin('ä')}"`,
      `${'"1",'.repeat(3000)}"1"`,
    ),
  },
);

/** Positions that are reached or none at all: for one that lies ahead the server would wait for seconds. */
function positions(reached: number): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: reached }).map(String) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        '-1',
        '1.5',
        '1e3',
        '',
        ' ',
        '00',
        '0x1',
        '9007199254740992',
        '9'.repeat(17),
        latin('٣'),
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'abc -,;"'), maxLength: 20 }) },
  );
}

/**
 * Header fields: a content type or odd ones; then, now and then, those of Hydrant's own.
 *
 * @param reached a position of the log that has been passed
 */
export function fuzzedHeaders(contentTypes: readonly string[], reached: number): fc.Arbitrary<Record<string, string>> {
  const own = fc.record({
    'if-match': maybe(entityTags),
    'hydrant-min-position': maybe(positions(reached)),
    'idempotency-key': maybe(idempotencyKeys),
  });
  const others = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...contentTypes).map((type) => ({ 'content-type': type })) },
    { weight: 1, arbitrary: oddHeaders },
  );
  return fc.tuple(others, own).map(([some, more]) => {
    const sent = Object.entries(more).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return { ...some, ...Object.fromEntries(sent) };
  });
}

function maybe(value: fc.Arbitrary<string>): fc.Arbitrary<string | undefined> {
  return fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}
