import { type Schema, answerModel, text } from './schema.js';

const oauthErrorMembers = { error: text, error_description: text };

/** Errors (admin-api.md 1.5, 1.7). */
export const errorSchemas: Readonly<Record<string, Schema>> = {
  GenericError: answerModel(
    { ...oauthErrorMembers, status_code: { type: 'integer' }, request_id: text },
    { error_hint: text, error_debug: text },
  ),
  OAuth2Error: answerModel(oauthErrorMembers, {
    status_code: { type: 'integer' },
    error_hint: text,
    error_debug: text,
  }),
};
