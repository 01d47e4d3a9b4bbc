import { describe, expect, it } from '@jest/globals';
import { OAuthError } from '#libs/oauth2';
import { IsBoolean, IsInt, IsObject, IsOptional, IsString, Length, ValidateNested } from 'class-validator';
import { decodeBody, parse } from './decode-body.js';

class Address {
  static readonly unknownMembers = 'reject';
  @IsString() city = '';
  @IsObject() extra: object = {};
}

class Person {
  static readonly unknownMembers = 'reject';
  static readonly nested = { address: Address };
  @IsString() @Length(0, 8) name = '';
  @IsInt() age = 0;
  @IsBoolean() member = false;
  @IsOptional() @IsString() nick_name: string | undefined = undefined;
  @ValidateNested() address = new Address();
}

class Tolerant {
  static readonly unknownMembers = 'ignore';
  @IsString() name = '';
}

function refusal(work: () => unknown): string {
  try {
    return `not refused: ${JSON.stringify(work())}`;
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    expect(error.code).toBe('invalid_request');
    return error.debug ?? '';
  }
}

describe('decodeBody (admin-api.md 1.3)', () => {
  it('takes members as they are sent', () => {
    const text = '{"name":"Mira","age":30,"member":true,"nick_name":"M","address":{"city":"Bern","extra":{"a":[1]}}}';
    expect(decodeBody(text, Person)).toEqual({
      ...{ name: 'Mira', age: 30, member: true, nick_name: 'M', address: { city: 'Bern', extra: { a: [1] } } },
    });
  });

  it('gives absent members, null and a body of null their initial values', () => {
    const nobody = { name: '', age: 0, member: false, nick_name: undefined, address: { city: '', extra: {} } };
    for (const text of ['{}', 'null', '{"name":null,"age":null,"address":null}', '{"address":{"city":null}}'])
      expect(decodeBody(text, Person)).toEqual(nobody);
  });

  it('matches names whatever their case; the last one wins', () => {
    expect(decodeBody('{"NAME":"Mira","Nick_Name":"M","ADDRESS":{"City":"Bern"}}', Person)).toMatchObject({
      ...{ name: 'Mira', nick_name: 'M', address: { city: 'Bern' } },
    });
    expect(decodeBody('{"name":"one","Name":"two"}', Person).name).toBe('two');
  });

  it('gives every request objects of its own', () => {
    decodeBody('{"address":{"city":"Bern"}}', Person);
    expect(decodeBody('{}', Person).address.city).toBe('');
  });

  it('ignores unknown members where the model says so', () => {
    expect(decodeBody('{"name":"Mira","other":[1],"constructor":1,"__proto__":{"name":"x"}}', Tolerant)).toEqual({
      name: 'Mira',
    });
  });

  it.each([
    ['{"other":1}', 'unknown member "other"'],
    ['{"address":{"street":"x"}}', 'unknown member "address.street"'],
    ['{"__proto__":{}}', 'unknown member "__proto__"'],
    ['{"constructor":{}}', 'unknown member "constructor"'],
    ['{"na me":1}', 'unknown member "na me"'],
    ['{"unknownMembers":"ignore"}', 'unknown member "unknownMembers"'],
  ])('refuses unknown members and names them: %s', (text, reason) =>
    expect(refusal(() => decodeBody(text, Person))).toBe(reason),
  );

  it.each([
    ['[]', 'the body must be an object'],
    ['"text"', 'the body must be an object'],
    ['12', 'the body must be an object'],
    ['{"address":[]}', 'address must be an object'],
    ['{"address":"Bern"}', 'address must be an object'],
    ['{"name":1}', /name/],
    ['{"name":"too long a name"}', /name/],
    ['{"age":1.5}', /age/],
    ['{"age":"3"}', /age/],
    ['{"member":"true"}', /member/],
    ['{"nick_name":{}}', /nick_name/],
    ['{"address":{"city":1}}', /city/],
    ['{"address":{"extra":"x"}}', /extra/],
  ])('refuses values of a wrong type or size: %s', (text, reason) =>
    expect(refusal(() => decodeBody(text, Person))).toMatch(reason),
  );

  it.each([[undefined], [''], [' \n']])('refuses an empty body: %j', (text) =>
    expect(refusal(() => decodeBody(text, Person))).toBe('the body is empty'),
  );

  it('refuses what is no JSON, or is nested too deep', () => {
    expect(refusal(() => parse('{'))).toBe('the body is not JSON');
    expect(refusal(() => parse('['.repeat(5000) + ']'.repeat(5000)))).toBe(
      'the body is nested more than 200 levels deep',
    );
  });
});
