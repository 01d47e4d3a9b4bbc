import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { hashSync } from 'bcryptjs';

/** Rows as a test writes them, by columns; `null` is NULL. */
export type Rows = readonly Readonly<Record<string, string | null>>[];

/** The generations of Hydra whose tables differ. */
export const generations = ['rc.8', '1.11', '2', '26'] as const;
export type HydraGeneration = (typeof generations)[number];

/** Of the text `correct horse`. */
const pbkdf2 = '$pbkdf2-sha256$i=25000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$LjzQQQfBu6oiuVew1rMcxHa9TJUIzcdEP64wW5xKh1M';
const bcrypt = hashSync('correct horse', 4);
export const redirectUri = 'https://a.example/cb';

/** A dump of these tables as pg_dump writes it, with COPY. */
export function dumpOf(tables: Readonly<Record<string, Rows>>): string {
  return `--\n-- PostgreSQL database dump\n--\n\nSET standard_conforming_strings = on;\n\n${Object.entries(tables)
    .map(([table, rows]) => copied(table, rows))
    .join('\n')}\n--\n-- PostgreSQL database dump complete\n--\n`;
}

function copied(table: string, rows: Rows): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => columns.map((column) => field(row[column] ?? null)).join('\t'));
  return [`COPY public.${table} (${columns.join(', ')}) FROM stdin;`, ...lines, '\\.', ''].join('\n');
}

function field(value: string | null): string {
  if (value === null) return '\\N';
  return value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n');
}

/** The same with INSERT, as `pg_dump --inserts` writes it. */
export function insertsOf(tables: Readonly<Record<string, Rows>>): string {
  const statements = Object.entries(tables).flatMap(([table, rows]) => [
    `CREATE TABLE public.${table} (\n${Object.keys(rows[0] ?? {})
      .map((column) => `    ${column} text`)
      .join(',\n')}\n);`,
    ...rows.map((row) => `INSERT INTO public.${table} VALUES (${Object.values(row).map(literal).join(', ')});`),
  ]);
  return `${statements.join('\n')}\n-- PostgreSQL database dump complete\n`;
}

function literal(value: string | null): string {
  if (value === 't' || value === 'f') return value === 't' ? 'true' : 'false';
  return value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`;
}

/** A row of `hydra_client`, whose secret is `correct horse`. */
export function clientRow(
  generation: HydraGeneration,
  id: string,
  changed: Readonly<Record<string, string | null>> = {},
): Rows[number] {
  const list = isJson(generation) ? (parts: string[]) => JSON.stringify(parts) : (parts: string[]) => parts.join('|');
  const first = {
    ...{ id, client_name: `Client\tof ${generation}`, client_secret: isJson(generation) ? pbkdf2 : bcrypt },
    redirect_uris: list([redirectUri, 'https://b.example/cb']),
    grant_types: list(['authorization_code', 'client_credentials']),
    ...{ response_types: list(['code']), scope: 'photos offline', owner: 'somebody', policy_uri: '', tos_uri: '' },
    ...{ client_uri: '', logo_uri: '', contacts: list(['a@a.example']), client_secret_expires_at: '0' },
    ...{ sector_identifier_uri: '', jwks: '{"keys":null}', jwks_uri: '', request_uris: list([]) },
    ...{ token_endpoint_auth_method: 'client_secret_basic', request_object_signing_alg: '' },
    ...{ userinfo_signed_response_alg: 'none', subject_type: 'public', allowed_cors_origins: list([]) },
    ...{ audience: list([]), created_at: '2019-04-10 10:00:00', updated_at: '2019-04-10 10:00:00' },
  };
  const since111 = {
    ...{ frontchannel_logout_uri: '', frontchannel_logout_session_required: 'f', post_logout_redirect_uris: list([]) },
    ...{ backchannel_logout_uri: '', backchannel_logout_session_required: 'f', metadata: '{"team":"a"}' },
    ...{ token_endpoint_auth_signing_alg: '', authorization_code_grant_access_token_lifespan: null },
    registration_access_token_signature: 'sig',
  };
  const since2 = { nid: '1f1e8ddf-9a6b-4a51-a3a5-0a1a0b2c3d4e', access_token_strategy: '', skip_consent: 'f' };
  if (generation === 'rc.8') return { pk: '7', ...first, ...changed };
  if (generation === '1.11') return { pk: '7', ...first, ...since111, ...changed };
  const since26 = generation === '26' ? { rotated_secrets: null, skip_logout_consent: null } : {};
  return { pk: '5d1a1c9e-0b0e-4f26-8f38-0a6f0f1f2f3f', ...first, ...since111, ...since2, ...since26, ...changed };
}

/** What somebody granted: rows for the tables that the generation has for it. */
export type Granted = {
  readonly challenge: string;
  readonly clientId: string;
  readonly subject: string;
  readonly scope: readonly string[];
  readonly remember?: boolean;
  readonly rememberFor?: number;
  readonly skip?: boolean;
  readonly error?: string;
  readonly requestedAt?: string;
};

/** The tables of consents in that generation, by what was granted. */
export function consentTables(generation: HydraGeneration, granted: readonly Granted[]): Record<string, Rows> {
  if (isJson(generation)) return { hydra_oauth2_flow: granted.map((each) => flowRow(generation, each)) };
  return {
    hydra_oauth2_consent_request: granted.map((each) => requestRow(each)),
    hydra_oauth2_consent_request_handled: granted.map((each) => decisionRow(each)),
  };
}

function requestRow({ challenge, clientId, subject, scope, skip = false, requestedAt = then }: Granted): Rows[number] {
  return {
    ...{ challenge, verifier: `v-${challenge}`, client_id: clientId, subject, request_url: requestUrl(clientId) },
    ...{ skip: skip ? 't' : 'f', requested_scope: scope.join('|'), csrf: 'c', authenticated_at: null },
    ...{ requested_at: requestedAt, oidc_context: '{"ui_locales":["de"]}', forced_subject_identifier: '' },
    ...{ login_session_id: null, login_challenge: null, requested_at_audience: '', acr: '1' },
  };
}

function decisionRow({ challenge, scope, remember = true, requestedAt = then, ...given }: Granted): Rows[number] {
  return {
    ...{ challenge, granted_scope: scope.join('|'), remember: remember ? 't' : 'f', error: given.error ?? '{}' },
    ...{ remember_for: String(given.rememberFor ?? 0), requested_at: requestedAt, granted_at_audience: '' },
    ...{ session_access_token: '{"role":"editor"}', session_id_token: '{}', authenticated_at: then, was_used: 't' },
  };
}

function flowRow(generation: HydraGeneration, granted: Granted): Rows[number] {
  const { challenge, clientId, subject, scope, remember = true, skip = false, requestedAt = then } = granted;
  const row = {
    ...{ login_challenge: `login-of-${challenge}`, nid: 'n', requested_scope: JSON.stringify(scope), subject },
    ...{ requested_at_audience: '[]', oidc_context: '{}', client_id: clientId, request_url: requestUrl(clientId) },
    ...{ login_session_id: null, requested_at: requestedAt, acr: '', amr: '["pwd"]', context: '{"of":"then"}' },
    ...{ consent_challenge_id: challenge, consent_skip: skip ? 't' : 'f', granted_scope: JSON.stringify(scope) },
    ...{ granted_at_audience: '[]', consent_remember: remember ? 't' : 'f', consent_handled_at: then },
    consent_remember_for: String(granted.rememberFor ?? 0),
    ...{ session_id_token: '{}', session_access_token: '{"role":"editor"}' },
  };
  if (generation === '26') return { ...row, state: null };
  return { ...row, state: '6', consent_error: granted.error ?? '{}', forced_subject_identifier: '' };
}

const then = '2024-03-02 08:20:00.123456';

function requestUrl(clientId: string): string {
  return `https://old.example/oauth2/auth?client_id=${clientId}&response_type=code&redirect_uri=${encodeURIComponent(redirectUri)}`;
}

/** A row of `hydra_jwk`, encrypted under a system secret. */
export function keyRow(
  set: string,
  jwk: { readonly kid?: string },
  { secret, createdAt = then }: { secret: string; createdAt?: string },
): Rows[number] {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', createHash('sha256').update(secret).digest(), nonce);
  const sealed = Buffer.concat([nonce, cipher.update(JSON.stringify(jwk)), cipher.final(), cipher.getAuthTag()]);
  const keydata = sealed.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  return { pk: '1', sid: set, kid: jwk.kid ?? '', version: '0', keydata, created_at: createdAt };
}

function isJson(generation: HydraGeneration): boolean {
  return generation === '2' || generation === '26';
}
