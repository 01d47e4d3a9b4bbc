import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What must not be found, by a name that says what it is. */
export type Secrets = Readonly<Record<string, string>>;

/** Files of a folder with their content, also a database's write-ahead log; or the one text of a process's output. */
export type Haystack = Readonly<Record<string, Buffer>>;

const leastLength = 6; // shorter forms would be found by chance

/** The files that are in a folder now, without those named. */
export function filesOf(folder: string, except: readonly string[] = []): Haystack {
  const names = readdirSync(folder).filter((name) => !except.includes(name));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
}

/** Every secret that stands in the haystack, in clear or in a form anybody can undo, once a file: `client secret (hex) in events.db`. */
export function found(secrets: Secrets, haystack: Haystack): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    if (secret.length < leastLength) throw new Error(`${name} is too short to be looked for`);
    return Object.entries(haystack).flatMap(([file, content]) => {
      const form = formsOf(secret).find(([, bytes]) => bytes.length >= leastLength && content.includes(bytes));
      return form === undefined ? [] : [`${name} (${form[0]}) in ${file}`];
    });
  });
}

function formsOf(secret: string): [encoding: string, form: Buffer][] {
  const bytes = Buffer.from(secret, 'utf8');
  const forms: [string, Buffer][] = [
    ['clear', bytes],
    ['JSON', Buffer.from(JSON.stringify(secret).slice(1, -1))],
    ['JSON, only ASCII', Buffer.from(onlyAscii(secret))],
    ['percent-encoded', Buffer.from(encodeURIComponent(secret))],
    [
      'percent-encoded, lower case',
      Buffer.from(encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())),
    ],
    ['form-encoded', Buffer.from(new URLSearchParams({ s: secret }).toString().slice(2))],
    ['UTF-16', Buffer.from(secret, 'utf16le')],
    ...hexForms('hex', bytes),
    ...base64Forms('base64', bytes),
  ];
  if (/^[\w-]{32,}$/.test(secret)) {
    const decoded = Buffer.from(secret, 'base64url');
    forms.push(['decoded', decoded], ...hexForms('decoded, hex', decoded));
  }
  return forms;
}

function onlyAscii(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[^\x20-\x7e]|[<>&]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function hexForms(name: string, bytes: Buffer): [string, Buffer][] {
  const hex = bytes.toString('hex');
  return [
    [name, Buffer.from(hex)],
    [`${name}, upper case`, Buffer.from(hex.toUpperCase())],
  ];
}

/** Inside a longer text a secret starts at any of three places of base64's groups; its first and last characters vary then. */
function base64Forms(name: string, bytes: Buffer): [string, Buffer][] {
  return [0, 1, 2].flatMap((offset): [string, Buffer][] => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
    const whole = shifted.length - (shifted.length % 3);
    const text = shifted
      .subarray(0, whole)
      .toString('base64')
      .slice(offset === 0 ? 0 : 4);
    const url = text.replaceAll('+', '-').replaceAll('/', '_');
    return [
      [`${name} at ${offset}`, Buffer.from(text)],
      [`${name}url at ${offset}`, Buffer.from(url)],
    ];
  });
}
