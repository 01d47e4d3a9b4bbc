import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { eventSchemas } from '#libs/domain';
import { adminOperations as declaredOperations } from '../apps/authority/src/admin/admin.operations.js';
import { importOperations } from '../apps/authority/src/admin/imports/imports.operations.js';
import { adminTokenOperations } from '../apps/authority/src/admin/admin-tokens/admin-tokens.operations.js';
import { rc8 } from '../apps/authority/src/admin/generations/rc8.js';
import { permissionHooks } from '../apps/authority/src/callers/permission-hooks.js';
import { healthOperations } from '../apps/authority/src/health/health.operations.js';
import { declaredRoutes } from '../apps/authority/src/http/declared-routes.js';
import { permissions } from '../apps/authority/src/http/permission.js';
import { routeTableOf } from '../apps/authority/src/http/unrouted.js';
import { getOpenApiDocument } from '../apps/authority/src/openapi/openapi.route.js';
import { AdminModule, PublicModule, type Shared } from '../apps/authority/src/process/app.module.js';
import { readConfiguration } from '../apps/authority/src/config/read-configuration.js';
import { Readiness } from '../apps/authority/src/health/readiness.js';
import { Storage } from '../apps/authority/src/health/storage.js';
import { ApplicationLog } from '../apps/authority/src/http/application-log.js';
import { createListener } from '../apps/authority/src/process/create-listener.js';
import { Metrics } from '../apps/authority/src/http/metrics.js';
import { type Authority, openAuthority } from '../apps/authority/src/process/open-authority.js';
import { ignoredTypes, projections } from '../libs/read-model/src/engine/projections.js';

/** Events that no view shows. Whoever adds one here says why. */
const shownNowhere = [
  ...['RootKeyCreated', 'RootKeyResealed'], // the root key is read from its stream, at the start
  ...['SubjectKeyCreated', 'SubjectKeySealed'], // so are the subjects' keys, by the codec
  ...['EventParked'], // the relay looks for it where it cannot go on
  ...['RetentionApplied'], // a summary for people
];

/** The 24 operations of admin-api.md 2. */
const adminOperations: readonly [method: string, path: string][] = [
  ...on('/clients', 'POST', 'GET'),
  ...on('/clients/photo-prints', 'GET', 'PUT', 'DELETE'),
  ...on('/keys/partner', 'POST', 'GET', 'PUT', 'DELETE'),
  ...on('/keys/partner/kid-1', 'GET', 'PUT', 'DELETE'),
  ...on('/oauth2/auth/requests/login/challenge-1', 'GET'),
  ...on('/oauth2/auth/requests/login/challenge-1/accept', 'PUT'),
  ...on('/oauth2/auth/requests/login/challenge-1/reject', 'PUT'),
  ...on('/oauth2/auth/requests/consent/challenge-1', 'GET'),
  ...on('/oauth2/auth/requests/consent/challenge-1/accept', 'PUT'),
  ...on('/oauth2/auth/requests/consent/challenge-1/reject', 'PUT'),
  ...on('/oauth2/auth/sessions/consent/mira', 'GET', 'DELETE'),
  ...on('/oauth2/auth/sessions/consent/mira/photo-prints', 'DELETE'),
  ...on('/oauth2/auth/sessions/login/mira', 'DELETE'),
  ...on('/oauth2/introspect', 'POST'),
  ...on('/oauth2/flush', 'POST'),
];

/** The public listener's own routes (oauth2-flows.md 1.1). */
const publicRoutes: readonly [method: string, path: string][] = [
  ...on('/oauth2/auth', 'GET', 'POST'),
  ...on('/oauth2/token', 'POST'),
  ...on('/oauth2/revoke', 'POST'),
  ...on('/userinfo', 'GET', 'POST'),
  ...on('/.well-known/openid-configuration', 'GET'),
  ...on('/.well-known/jwks.json', 'GET'),
  ...on('/oauth2/auth/sessions/login/revoke', 'GET'),
  ...on('/oauth2/fallbacks/consent', 'GET'),
  ...on('/oauth2/fallbacks/error', 'GET'),
  ...on('/oauth2/fallbacks/logout', 'GET'),
];
const sharedRoutes = [...on('/health/alive', 'GET'), ...on('/health/ready', 'GET')];
const operationalRoutes = [...on('/version', 'GET'), ...on('/metrics/prometheus', 'GET')];

/** Whether a template of the router matches a path. */
function matches(template: string, path: string): boolean {
  return new RegExp(`^${template.replace(/:\w+/g, '[^/]+')}$`).test(path);
}

function on(path: string, ...methods: string[]): [method: string, path: string][] {
  return methods.map((method) => [method, path]);
}

describe('the projections', () => {
  const handled = projections.flatMap(({ handles }) => handles);

  it('together show every event type, except those named here', () => {
    expect([...new Set([...handled, ...shownNowhere])].sort()).toEqual(Object.keys(eventSchemas).sort());
    expect([...ignoredTypes].sort()).toEqual([...shownNowhere].sort());
  });

  it.each(projections)('$name handles events, each named once', ({ handles }) => {
    expect(handles.length).toBeGreaterThan(0);
    expect(new Set(handles).size).toBe(handles.length);
  });

  it('have their version in the name of each of their tables', () => {
    for (const { schema, version, name } of projections) {
      const tables = [...schema.matchAll(/CREATE TABLE (\w+)/g)].map(([, table]) => table!);
      expect({ name, tables: tables.filter((table) => !table.endsWith(`_v${version}`)) }).toEqual({ name, tables: [] });
    }
  });
});

describe('the routes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'structure-'));
  const closing: (() => Promise<void>)[] = [];
  const methodsAt: Record<'admin' | 'public', (path: string) => string[]> = { admin: () => [], public: () => [] };
  const served: Record<'admin' | 'public', string[]> = { admin: [], public: [] };
  let authority: Authority;

  beforeAll(async () => {
    const { configuration } = readConfiguration({ DATA_DIR: folder, LOG_LEVEL: 'silent' });
    authority = await openAuthority(configuration, {
      applicationLog: ApplicationLog.create({ level: 'silent', format: 'json' }),
    });
    closing.push(() => authority.close());
    const applicationLog = ApplicationLog.create(configuration.log);
    const storage = new Storage(authority.store, authority.readModel, applicationLog.logger);
    const readiness = new Readiness(authority.readModel, storage);
    const shared: Shared = { applicationLog, metrics: new Metrics(), readiness };
    await open('admin', shared);
    await open('public', shared);
  });

  afterAll(async () => {
    for (const close of closing.reverse()) await close();
    rmSync(folder, { recursive: true });
  });

  async function open(kind: 'admin' | 'public', shared: Shared): Promise<void> {
    const module = kind === 'admin' ? AdminModule.of(authority, shared) : PublicModule.of(authority, shared);
    const application = await createListener(kind, module, { authority, shared });
    closing.push(() => application.close());
    const server = application.getHttpAdapter().getInstance();
    methodsAt[kind] = (path) => server.routeTable.methodsAt(path);
    served[kind] = server.routeTable.all().map(({ method, template }) => `${method} ${template}`);
  }

  it('are 24 operations of rc.8 on the admin listener', () => {
    const declared = declaredOperations.filter(({ generation }) => generation === rc8);
    expect(declared).toHaveLength(24);
    expect(adminOperations).toHaveLength(24);
    const undeclared = adminOperations.filter(([method, path]) => {
      return !declared.some((each) => each.method === method && matches(each.path, path));
    });
    expect(undeclared).toEqual([]);
  });
  it('are on the admin listener those that are declared, and no other', () => {
    const declared = [
      ...declaredOperations,
      ...adminTokenOperations,
      ...importOperations,
      ...healthOperations,
      getOpenApiDocument,
    ];
    expect([...served.admin].sort()).toEqual(declared.map(({ method, path }) => `${method} ${path}`).sort());
  });
  it('are on the public listener those that are listed here, and no other', () => {
    const listed = [...publicRoutes, ...sharedRoutes].map(([method, path]) => `${method} ${path}`);
    expect([...served.public].sort()).toEqual(listed.sort());
  });
  it('of the Admin API depend on what is stored, but for those that take away', () => {
    const others = declaredOperations.filter(
      ({ method, catchesUp }) => (catchesUp === 'not') !== (method === 'DELETE'),
    );
    expect(others.map(({ operationId }) => operationId)).toEqual([]);
  });
  it('of the admin listener say what a caller needs: to write where they change something', () => {
    const open = [...healthOperations, getOpenApiDocument];
    expect(open.filter(({ permission }) => permission !== 'open')).toEqual([]);
    const asking = [...declaredOperations, ...adminTokenOperations, ...importOperations];
    expect(asking.filter(({ permission }) => !(permissions as readonly string[]).includes(permission))).toEqual([]);
    const others = asking.filter((each) => {
      const reads = each.method === 'GET' || ('readsOnly' in each && each.readsOnly === true);
      return each.permission.endsWith(':read') !== reads;
    });
    expect(others.map(({ operationId }) => operationId)).toEqual([]);
  });
  it('of the admin listener are refused when they do not say it, whoever may call', async () => {
    const [endpoint] = healthOperations;
    const { permission: _permission, ...undeclared } = endpoint!;
    const server = fastify();
    routeTableOf(server);
    declaredRoutes(server, authority, permissionHooks(undefined));
    const register = () => server.get(undeclared.path, { config: { endpoints: [undeclared] } }, () => '');
    expect(register).toThrow('GET /health/alive declares no permission');
    await server.close();
  });
  it('are refused when nothing declares them', async () => {
    const server = fastify();
    routeTableOf(server);
    declaredRoutes(server, authority);
    const [endpoint] = healthOperations;
    expect(() => server.get('/undeclared', () => '')).toThrow('GET /undeclared is registered, but not declared');
    expect(() => server.post(endpoint!.path, { config: { endpoints: [endpoint!] } }, () => '')).toThrow('not declared');
    await server.close();
  });

  it.each([...adminOperations, ...sharedRoutes, ...operationalRoutes])(
    '%s %s is served to administrators',
    (method, path) => expect(methodsAt.admin(path)).toContain(method),
  );
  it.each([...adminOperations, ...operationalRoutes])('%s %s is not served to the public', (method, path) =>
    expect(methodsAt.public(path)).not.toContain(method),
  );
  it.each([...publicRoutes, ...sharedRoutes])('%s %s is served to the public', (method, path) =>
    expect(methodsAt.public(path)).toContain(method),
  );
  it.each(publicRoutes)('%s %s is not served to administrators', (method, path) =>
    expect(methodsAt.admin(path)).not.toContain(method),
  );
  it('have no method that is not listed here', () => {
    const listed = [...adminOperations, ...publicRoutes, ...sharedRoutes, ...operationalRoutes];
    for (const path of new Set(listed.map(([, each]) => each))) {
      const methods = new Set([...methodsAt.admin(path), ...methodsAt.public(path)]);
      const allowed = listed.filter(([, each]) => each === path).map(([method]) => method);
      if (path.endsWith('/login/revoke')) allowed.push('DELETE'); // the path of an operation with "revoke" as the user
      expect({ path, unlisted: [...methods].filter((method) => !allowed.includes(method)) }).toEqual({
        path,
        unlisted: [],
      });
    }
  });
});

describe('the configuration', () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/configuration.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const documented = rows.flatMap((row) => [...row.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name!));

  it('reads no environment variable that docs/configuration.md does not name', () => {
    expect(variablesRead().filter((name) => !documented.includes(name))).toEqual([]);
  });

  it('reads every environment variable that has a row there', () => {
    const named = rows.map((row) => /^\| `(\w+)`/.exec(row)?.[1] ?? row);
    expect(named.filter((name) => !variablesRead().includes(name))).toEqual([]);
    expect(new Set(named).size).toBe(named.length);
  });

  /** Every name that reading an empty environment asks for. */
  function variablesRead(): string[] {
    const names = new Set<string>();
    const environment: Record<string, string | undefined> = {};
    readConfiguration(
      new Proxy(environment, {
        get(_target, name) {
          names.add(String(name));
          return undefined;
        },
      }),
    );
    return [...names];
  }
});
