import { type FormValues } from '#libs/oauth2';
import { Busboy } from '@fastify/busboy';

/**
 * The fields of a `multipart/form-data` body by name (RFC 7578); files are left out.
 *
 * @throws Error when the content type names no boundary, or the body does not end with it
 */
export function multipartFields(body: Buffer, contentType: string): Promise<FormValues> {
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string[]>();
    const parser = new Busboy({ headers: { 'content-type': contentType } });
    parser.on('field', (name: string | null, value) => {
      if (name === null) return; // a part without one
      const known = fields.get(name);
      if (known === undefined) fields.set(name, [value]);
      else known.push(value);
    });
    parser.on('file', (_name, file) => file.resume());
    parser.on('error', reject);
    parser.on('finish', () => resolve(fields));
    parser.end(body);
  });
}
