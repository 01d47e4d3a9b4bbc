import { type ClientRegistration } from '#libs/domain';

/** The grant types this server implements (RFC 6749 4.1, 4.4, 6). */
export const grantTypes = ['authorization_code', 'client_credentials', 'refresh_token'] as const;
export type GrantType = (typeof grantTypes)[number];

/** Whether a client may use a grant type; one that registered none has `authorization_code` (RFC 7591 2). */
export function hasGrantType({ grant_types: registered }: ClientRegistration, grantType: GrantType): boolean {
  return (registered.length === 0 ? ['authorization_code'] : registered).includes(grantType);
}
