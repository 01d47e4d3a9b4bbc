import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { ClientRequest } from '../apps/authority/src/admin/clients/client-request.js';
import { RejectRequest } from '../apps/authority/src/admin/handshake/reject-request.js';
import { AdminModule, type Shared } from '../apps/authority/src/process/app.module.js';
import { readConfiguration } from '../apps/authority/src/config/read-configuration.js';
import { Readiness } from '../apps/authority/src/health/readiness.js';
import { Storage } from '../apps/authority/src/health/storage.js';
import { ApplicationLog } from '../apps/authority/src/http/application-log.js';
import { createListener } from '../apps/authority/src/process/create-listener.js';
import { Metrics } from '../apps/authority/src/http/metrics.js';
import { openAuthority } from '../apps/authority/src/process/open-authority.js';
import { apiDocument } from '../apps/authority/src/process/api-document.js';

type Operation = { operationId: string; tags: string[]; parameters?: { name: string; in: string }[] };
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties: object }>; headers: object };
};

/** The operation ids of the Admin API, as the SDKs of rc.8 know them, then those about the process. */
const operationIds = [
  ...['createOAuth2Client', 'listOAuth2Clients', 'getOAuth2Client', 'updateOAuth2Client', 'deleteOAuth2Client'],
  ...['createJsonWebKeySet', 'getJsonWebKeySet', 'updateJsonWebKeySet', 'deleteJsonWebKeySet'],
  ...['getJsonWebKey', 'updateJsonWebKey', 'deleteJsonWebKey'],
  ...['getLoginRequest', 'acceptLoginRequest', 'rejectLoginRequest'],
  ...['getConsentRequest', 'acceptConsentRequest', 'rejectConsentRequest'],
  ...['listUserConsentSessions', 'revokeAllUserConsentSessions', 'revokeUserClientConsentSessions'],
  ...['revokeAuthenticationSession', 'introspectOAuth2Token', 'flushInactiveOAuth2Tokens'],
  ...['createAdminToken', 'listAdminTokens', 'revokeAdminToken', 'importOAuth2Client', 'importConsent'],
  ...['isInstanceAlive', 'isInstanceReady', 'getVersion', 'prometheus', 'getOpenApiDocument'],
];

/** The ids of later generations: what their own SDKs say, where rc.8 does not say it of something else. */
const laterOperationIds = {
  'v1.11': [
    ...['getLoginRequestV1', 'acceptLoginRequestV1', 'rejectLoginRequestV1'],
    ...['getConsentRequestV1', 'acceptConsentRequestV1', 'rejectConsentRequestV1'],
    ...['listSubjectConsentSessions', 'revokeConsentSessions', 'revokeAuthenticationSessionV1'],
  ],
  'v26.2': [
    ...['createOAuth2ClientV26', 'listOAuth2ClientsV26', 'getOAuth2ClientV26', 'setOAuth2Client'],
    ...['patchOAuth2Client', 'deleteOAuth2ClientV26'],
    ...['createJsonWebKeySetV26', 'getJsonWebKeySetV26', 'setJsonWebKeySet', 'deleteJsonWebKeySetV26'],
    ...['getJsonWebKeyV26', 'setJsonWebKey', 'deleteJsonWebKeyV26'],
    ...['getOAuth2LoginRequest', 'acceptOAuth2LoginRequest', 'rejectOAuth2LoginRequest'],
    ...['getOAuth2ConsentRequest', 'acceptOAuth2ConsentRequest', 'rejectOAuth2ConsentRequest'],
    ...['listOAuth2ConsentSessions', 'revokeOAuth2ConsentSessions', 'revokeOAuth2LoginSessions'],
    'introspectOAuth2TokenV26',
  ],
};

describe('the OpenAPI document', () => {
  const document = apiDocument() as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
  const closing: (() => Promise<void>)[] = [];
  let routes: string[] = [];

  beforeAll(async () => {
    const { configuration } = readConfiguration({ DATA_DIR: folder, LOG_LEVEL: 'silent' });
    const applicationLog = ApplicationLog.create(configuration.log);
    const authority = await openAuthority(configuration, { applicationLog });
    closing.push(() => authority.close());
    const shared: Shared = {
      applicationLog,
      metrics: new Metrics(),
      readiness: new Readiness(
        authority.readModel,
        new Storage(authority.store, authority.readModel, applicationLog.logger),
      ),
    };
    const application = await createListener('admin', AdminModule.of(authority, shared), { authority, shared });
    closing.push(() => application.close());
    const { routeTable } = application.getHttpAdapter().getInstance();
    routes = routeTable.all().map(({ method, template }) => `${method} ${template.replace(/:(\w+)/g, '{$1}')}`);
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
    rmSync(folder, { recursive: true });
  });

  it('has every route of the admin listener, and no other', () => {
    expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(routes.sort());
  });

  it('calls the operations what SDKs call them', () => {
    const later = Object.values(laterOperationIds).flat();
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.sort()).toEqual([...operationIds, ...later].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(Object.entries(laterOperationIds))(
    'tells the operations of %s from others by their tags',
    (generation, ids) => {
      const tagged = operations.filter(({ operation }) => operation.tags[0]?.endsWith(` ${generation}`));
      expect(tagged.map(({ operation }) => operation.operationId).sort()).toEqual([...ids].sort());
    },
  );

  it('has every parameter and header that it names', () => {
    for (const { operation } of operations)
      for (const parameter of operation.parameters ?? []) expect(parameter).toHaveProperty('schema');
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/headers\/([\w-]+)"/g))
      expect(Object.keys(document.components.headers)).toContain(name);
  });

  it('declares the parameters of each path', () => {
    for (const { path, operation } of operations) {
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect({ path, declared: declared.map(({ name }) => name) }).toEqual({ path, declared: inPath });
    }
  });

  it('is the committed one', () => {
    const committed = readFileSync(join(import.meta.dirname, '../docs/openapi.json'), 'utf8');
    expect(committed).toBe(`${JSON.stringify(document, null, 2)}\n`);
  });

  it('has schemas that compile, and no reference to one that is missing', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(document, 'openapi');
    for (const name of Object.keys(document.components.schemas))
      expect(ajv.getSchema(`openapi#/components/schemas/${name}`)).toBeInstanceOf(Function);
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(Object.keys(document.components.schemas)).toContain(name);
  });

  it.each([
    ['OAuth2ClientRegistration', new ClientRequest()],
    ['RejectRequest', new RejectRequest()],
  ])('has the members of %s that the decoder knows', (name, model) => {
    const { properties } = document.components.schemas[name]!;
    expect(Object.keys(properties).sort()).toEqual(Object.keys(model).sort());
  });
});
