import { describe, expect, it } from '@jest/globals';
import { type ClientMember, type ClientMemberName, clientMemberList } from '#libs/oauth2';
import { sampleMember } from '#libs/testing';
import { authoritySpec } from '../../testing/authority-spec.js';
import { clientSchemas, laterClientSchemas } from './client-schemas.js';

type Row = ClientMember & { readonly name: ClientMemberName };
type Model = { readonly required: string[]; readonly properties: Record<string, object> };

const named = (rows: readonly Row[]): [string, Row][] => rows.map((row) => [row.name, row]);
const first = clientMemberList.filter(({ extension }) => extension !== true);
const extension = clientMemberList.filter((row) => row.extension === true);

describe('the table of the members of a client', () => {
  const spec = authoritySpec();
  const admin = (method: string, path: string, body?: unknown) => spec.authority.admin(method, path, body);
  const created = async (path: string, client: object) => {
    const { status, json } = await admin('POST', path, client);
    expect([status, json]).toEqual([201, expect.anything()]);
    return json;
  };

  describe.each([
    ['at the paths of rc.8', '/clients', first, clientSchemas, ''],
    ['below /admin', '/admin/clients', clientMemberList, { ...clientSchemas, ...laterClientSchemas }, 'V26'],
  ] as const)('%s', (_, path, rows, schemas, suffix) => {
    const model = (name: string): Model => (schemas[`${name}${suffix}`] ?? {}) as Model;

    // what stands behind a sector_identifier_uri is fetched: test/admin-api/sector-identifier.e2e.spec.ts
    it.each(named(rows.filter(({ apart, name }) => apart !== true && name !== 'sector_identifier_uri')))(
      '%s is accepted, kept, and answered by every operation',
      async (name, row) => {
        const value = sampleMember(row);
        const { client_id: id } = await created(path, { [name]: value });
        const shown = async (): Promise<unknown> => (await admin('GET', `${path}/${id}`)).json[name];
        expect(await shown()).toEqual(value);
        const without = (await admin('PUT', `${path}/${id}`, {})).json;
        if (name !== 'subject_type') expect(without[name]).not.toEqual(value);
        expect((await admin('PUT', `${path}/${id}`, { [name]: value })).json[name]).toEqual(value);
        expect(await shown()).toEqual(value);
        const listed = (await admin('GET', `${path}?limit=500&page_size=500`)).json as { client_id: string }[];
        expect(listed.find((client) => client.client_id === id)).toMatchObject({ [name]: value });
      },
    );

    it.each(named(rows))('%s is documented where it is sent and answered', (name, { answered }) => {
      expect(model('OAuth2ClientRegistration').properties).toHaveProperty(name);
      const { properties, required } = model('OAuth2Client');
      expect([name in properties, required.includes(name)]).toEqual([
        ['always', 'filled'].includes(answered),
        answered === 'always',
      ]);
      expect(name in model('RegisteredOAuth2Client').properties).toBe(answered !== 'never');
    });

    it.each(named(rows))('%s is refused when it is of another kind', async (name, { kind }) => {
      const answer = await admin('POST', path, { [name]: ['integer', 'timestamp'].includes(kind) ? 'text' : 7 });
      expect(answer).toMatchObject({ status: 400, json: { error_debug: expect.stringContaining(name) } });
    });

    it.each(named(rows.filter(({ maxLength }) => maxLength !== undefined)))(
      '%s is refused when it is longer than it may be',
      async (name, { maxLength = 0 }) => {
        const answer = await admin('POST', path, { [name]: 'x'.repeat(maxLength + 1) });
        expect(answer).toMatchObject({
          status: 400,
          json: { error_debug: expect.stringContaining(String(maxLength)) },
        });
      },
    );

    it.each(named(rows.filter(({ echoesAbsence }) => echoesAbsence === true)))(
      '%s is a list, also where it was left out',
      async (name) => {
        const json = await created(path, {});
        expect(json[name]).toEqual(suffix === '' ? null : []);
        expect((await admin('GET', `${path}/${json.client_id}`)).json[name]).toEqual([]);
      },
    );

    it.each(named(rows.filter(({ answered }) => answered === 'once' || answered === 'never')))(
      '%s is not shown again',
      async (name, { answered }) => {
        const value = name === 'client_secret_hash' ? `$2a$04$${'a'.repeat(53)}` : 'a-chosen-secret';
        const json = await created(path, { [name]: value });
        expect(json[name]).toBe(answered === 'once' ? value : undefined);
        expect((await admin('GET', `${path}/${json.client_id}`)).json).not.toHaveProperty(name);
      },
    );
  });

  it.each(named(clientMemberList.filter(({ apart, name }) => apart !== true && name !== 'sector_identifier_uri')))(
    '%s is what a patch makes it',
    async (name, row) => {
      const value = sampleMember(row);
      const { client_id: id } = await created('/admin/clients', {});
      const patched = await admin('PATCH', `/admin/clients/${id}`, [{ op: 'add', path: `/${name}`, value }]);
      expect([patched.status, patched.json[name]]).toEqual([200, value]);
    },
  );

  it.each(named(extension))('%s is neither taken nor shown at the paths of rc.8, nor lost there', async (name, row) => {
    const value = sampleMember(row);
    const { client_id: id } = await created('/admin/clients', { [name]: value });
    expect((await admin('PUT', `/clients/${id}`, { [name]: 7 })).json).not.toHaveProperty(name);
    expect((await admin('GET', `/clients/${id}`)).json).not.toHaveProperty(name);
    expect((await admin('GET', `/admin/clients/${id}`)).json[name]).toEqual(value);
  });

  it('has the order of the wire', async () => {
    const sample = clientMemberList.filter(
      ({ apart, name }) => apart !== true && !['sector_identifier_uri', 'jwks'].includes(name),
    );
    const all = Object.fromEntries(sample.toReversed().map((row) => [row.name, sampleMember(row)]));
    const shown = Object.keys(await created('/admin/clients', all));
    const absent: string[] = ['client_secret_hash', 'sector_identifier_uri', 'jwks'];
    expect(shown).toEqual(clientMemberList.map(({ name }) => name as string).filter((name) => !absent.includes(name)));
  });
});
