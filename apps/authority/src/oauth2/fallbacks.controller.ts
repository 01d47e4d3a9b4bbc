import { formValues, parameter } from '#libs/oauth2';
import { Controller, Header, Query, applyDecorators } from '@nestjs/common';
import { Route } from '../http/endpoint.js';

const errorMembers = ['error', 'error_description', 'error_hint', 'error_debug'];

/** Nothing is loaded, run, sent or framed: whoever made an URL of a page chose what it shows. */
const contentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A page for a browser. */
const Page = (path: string): MethodDecorator =>
  applyDecorators(
    Route({
      ...{ method: 'GET', path, catchesUp: 'not', status: 200 },
      ...{ contentType: 'text/html; charset=utf-8', cacheControl: 'no-store' },
    }),
    Header('content-security-policy', contentSecurityPolicy),
    Header('referrer-policy', 'no-referrer'),
  );

/** Pages for what is not configured (oauth2-flows.md 1.9). */
@Controller()
export class FallbacksController {
  @Page('/oauth2/fallbacks/consent')
  consent(): string {
    return page(
      'Login and consent are not configured',
      '<p>Set <code>URLS_LOGIN</code> and <code>URLS_CONSENT</code> to the addresses of your login and consent app.</p>',
    );
  }

  @Page('/oauth2/fallbacks/error')
  error(@Query() query: Record<string, string | string[]>): string {
    const values = formValues(query);
    const rows = errorMembers.flatMap((name) => {
      const value = parameter(values, name);
      return value === undefined ? [] : [`<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`];
    });
    return page('The authorization request could not be answered', `<dl>${rows.join('')}</dl>`);
  }

  @Page('/oauth2/fallbacks/logout')
  logout(): string {
    return page('You are logged out', '');
  }
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1>${body}</body></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
