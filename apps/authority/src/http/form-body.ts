import { type FormValues, formValues, oauthError, parseQuery } from '#libs/oauth2';
import { type FastifyRequest } from 'fastify';

/**
 * The parameters of a form body, urlencoded or multipart; empty when the request has another content type.
 *
 * @throws OAuthError `invalid_request` when the body cannot be parsed
 */
export function formBody(request: FastifyRequest): FormValues | Promise<FormValues> {
  const contentType = request.headers['content-type'] ?? '';
  const body = request.body as string | Buffer | undefined;
  if (contentType.startsWith('application/x-www-form-urlencoded')) {
    const { values, malformed } = parseQuery(typeof body === 'string' ? body : '');
    if (malformed) throw oauthError('invalid_request', 'The body is not urlencoded UTF-8.');
    return values;
  }
  if (contentType.startsWith('multipart/form-data') && Buffer.isBuffer(body)) return multipart(body, contentType);
  return formValues({});
}

async function multipart(body: Buffer, contentType: string): Promise<FormValues> {
  try {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
    const fields: Record<string, string[]> = {};
    for (const [name, value] of form) {
      if (typeof value === 'string') (fields[name] ??= []).push(value);
    }
    return formValues(fields);
  } catch {
    throw oauthError('invalid_request', 'The body is not well-formed multipart/form-data.');
  }
}
