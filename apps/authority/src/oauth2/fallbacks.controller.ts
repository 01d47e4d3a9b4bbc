import { formValues, parameter } from '#libs/oauth2';
import { Controller, Query } from '@nestjs/common';
import { Route } from '../http/endpoint.js';

const errorMembers = ['error', 'error_description', 'error_hint', 'error_debug'];

/** Pages for what is not configured (oauth2-flows.md 1.9). */
@Controller()
export class FallbacksController {
  @Route({
    method: 'GET',
    path: '/oauth2/fallbacks/consent',
    catchesUp: 'not',
    status: 200,
    contentType: 'text/html; charset=utf-8',
  })
  consent(): string {
    return page(
      'Login and consent are not configured',
      '<p>Set <code>URLS_LOGIN</code> and <code>URLS_CONSENT</code> to the addresses of your login and consent app.</p>',
    );
  }

  @Route({
    method: 'GET',
    path: '/oauth2/fallbacks/error',
    catchesUp: 'not',
    status: 200,
    contentType: 'text/html; charset=utf-8',
  })
  error(@Query() query: Record<string, string | string[]>): string {
    const values = formValues(query);
    const rows = errorMembers.flatMap((name) => {
      const value = parameter(values, name);
      return value === undefined ? [] : [`<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`];
    });
    return page('The authorization request could not be answered', `<dl>${rows.join('')}</dl>`);
  }

  @Route({
    method: 'GET',
    path: '/oauth2/fallbacks/logout',
    catchesUp: 'not',
    status: 200,
    contentType: 'text/html; charset=utf-8',
  })
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
