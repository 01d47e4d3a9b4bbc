import { json, ok, operation } from '../../openapi/operation.js';
import {
  type Schema,
  answerModel,
  described,
  freeForm,
  integer,
  ref,
  requestModel,
  text,
  texts,
  time,
} from '../../openapi/schema.js';
import { maxRememberForSeconds } from '../handshake/remember-for.js';

const imports = { tag: 'imports', method: 'POST', catchesUp: 'first', query: ['dry_run'] } as const;

export const importClient = operation({
  ...{ ...imports, path: '/import/clients', cacheControl: 'no-store', operationId: 'importOAuth2Client' },
  permission: 'clients:write',
  summary: 'Takes over a client from elsewhere, or what has changed of it there since it was taken over.',
  body: json('OAuth2ClientRegistrationV26'),
  success: ok(ref('ImportedClient'), 'What became of it'),
  errors: [400, 409, 413, 503],
});

export const importConsent = operation({
  ...{ ...imports, path: '/import/consents', operationId: 'importConsent' },
  permission: 'consent:write',
  summary: 'Takes over what somebody granted elsewhere, once.',
  body: json('ConsentToImport'),
  success: ok(ref('ImportedConsent'), 'What became of it'),
  errors: [400, 404, 413, 503],
});

/** For moving from Hydra (docs/adr/0018): no generation of it has them. */
export const importOperations = [importClient, importConsent];

export const importSchemas: Readonly<Record<string, Schema>> = {
  ImportedClient: answerModel(
    {
      client_id: text,
      outcome: described(
        { enum: ['created', 'updated', 'unchanged', 'gone'] },
        'With `gone` it was deleted here after it had been taken over, and stays so.',
      ),
      unsupported: described(texts, 'What it registers that this server does not do.'),
    },
    { client_secret: described(text, 'A new one, where none was sent and the client needs one.') },
  ),
  ImportedConsent: answerModel({
    challenge: text,
    outcome: described(
      { enum: ['created', 'unchanged', 'revoked'] },
      'With `revoked` consents of this person to this client were revoked here: it is not taken.',
    ),
  }),
  ConsentToImport: requestModel(
    {
      challenge: described({ ...text, minLength: 1, maxLength: 255 }, 'What it is known by: it is taken once.'),
      client_id: text,
      subject: { ...text, minLength: 1, maxLength: 255 },
      ...{ force_subject_identifier: text, request_url: text, login_challenge: text, acr: text, amr: texts },
      ...{ requested_scope: texts, requested_access_token_audience: texts, oidc_context: freeForm },
      ...{ grant_scope: texts, grant_access_token_audience: texts, session: ref('ConsentRequestSession') },
      remember_for: {
        ...{ ...integer, minimum: -maxRememberForSeconds, maximum: maxRememberForSeconds },
        description: 'Seconds from requested_at on; 0 and less: for ever.',
      },
      ...{ requested_at: time, handled_at: time, authenticated_at: time, context: {} },
    },
    'refused',
    ['challenge', 'client_id', 'subject', 'requested_at', 'handled_at'],
  ),
};
