import { type FormValues, oauthError, parseQuery } from '#libs/oauth2';
import { type FastifyRequest } from 'fastify';
import { multipartFields } from './multipart.js';

/**
 * The parameters of a form body, urlencoded or multipart; empty when the request has another content type.
 *
 * @throws OAuthError `invalid_request` when the body cannot be parsed
 */
export async function formBody({ headers, body }: FastifyRequest): Promise<FormValues> {
  const contentType = headers['content-type'] ?? '';
  switch (mediaType(contentType)) {
    case 'application/x-www-form-urlencoded':
      return urlencoded(typeof body === 'string' ? body : '');
    case 'multipart/form-data':
      return multipart(Buffer.isBuffer(body) ? body : Buffer.alloc(0), contentType);
    default:
      return new Map();
  }
}

function mediaType(contentType: string): string {
  const [type = ''] = contentType.split(';', 1);
  return type.trim().toLowerCase();
}

function urlencoded(body: string): FormValues {
  const { values, malformed } = parseQuery(body);
  if (malformed) throw oauthError('invalid_request', 'The body is not urlencoded UTF-8, or has too many parameters.');
  return values;
}

async function multipart(body: Buffer, contentType: string): Promise<FormValues> {
  try {
    return await multipartFields(body, contentType);
  } catch {
    throw oauthError('invalid_request', 'The body is not well-formed multipart/form-data.');
  }
}
