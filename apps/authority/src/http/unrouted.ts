import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Endpoint } from './endpoint.js';

declare module 'fastify' {
  interface FastifyInstance {
    routeTable: RouteTable;
  }
}

/** What the table has to know of a route. */
type Row = Pick<Endpoint, 'method' | 'path' | 'emptyName' | 'exact'>;

/** The routes of a listener, to say what a request that matched none of them came close to (admin-api.md 1.1). */
export class RouteTable {
  private readonly rows = new Map<string, Map<string, Row>>();

  add(row: Row): void {
    const atPath = this.rows.get(row.path) ?? new Map<string, Row>();
    this.rows.set(row.path, atPath.set(row.method, row));
  }

  /** Every route, as it was registered. */
  all(): { readonly method: string; readonly template: string }[] {
    return [...this.rows].flatMap(([template, rows]) => [...rows.keys()].map((method) => ({ method, template })));
  }

  /** The methods of every route that matches a path as it is written. */
  methodsAt(path: string): string[] {
    const found = new Set<string>();
    for (const [template, rows] of this.rows) {
      if (corrected(template, path, false) !== undefined) for (const method of rows.keys()) found.add(method);
    }
    return [...found].sort();
  }

  /** The canonical path of a route that a request nearly hit: another case, doubled slashes, one slash at the end too many or few. */
  canonical(method: string, path: string): string | undefined {
    const single = path.replace(/\/{2,}/g, '/');
    const candidates = [single, single.endsWith('/') ? single.slice(0, -1) : `${single}/`];
    for (const candidate of candidates) {
      for (const [template, rows] of this.rows) {
        const row = rows.get(method);
        const found = row === undefined || row.exact === true ? undefined : corrected(template, candidate, true);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  /**
   * A path for the log: fixed segments of routes as they are, `*` for what may be a name, or anything else that is secret. Of the first
   * segment that no route has, a plain word is shown, which may be a typing error; nothing after it.
   */
  outline(url: string): string {
    const [path = ''] = url.split('?', 1);
    const segments = path.split('/', maxSegments + 1).slice(1);
    let near = [...this.rows.keys()].map((template) => template.split('/').slice(1));
    let astray = false;
    const shown = segments.map((segment, depth) => {
      const isFixed = near.some((template) => template[depth] === segment);
      const isName = near.some((template) => template[depth]?.startsWith(':') === true);
      const isShown = isFixed || (!astray && !isName && word.test(segment));
      astray ||= !isFixed;
      near = near.filter((template) => template[depth] === segment || template[depth]?.startsWith(':') === true);
      return isShown ? segment : '*';
    });
    return `/${shown.join('/')}`;
  }

  /** The route that a path would match, had it a name where it has none: in a parameter after which the path goes on. */
  withoutName(method: string, path: string): Row | undefined {
    if (path.endsWith('/') || !path.includes('//')) return undefined;
    const named = path.replace(/\/(?=\/)/g, '/-');
    for (const [template, rows] of this.rows) {
      const row = rows.get(method);
      if (row !== undefined && corrected(template, named, false) !== undefined) return row;
    }
    return undefined;
  }
}

/** What a line of the log may be told of a segment: a word, and no name that somebody chose. */
const word = /^[a-z][a-z._-]{0,23}$/i;
const maxSegments = 12;

/** The path with the template's own fixed segments, `undefined` when it does not match. */
function corrected(template: string, path: string, fold: boolean): string | undefined {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const segments = wanted.map((segment, index) => {
    const value = given[index] ?? '';
    if (segment.startsWith(':')) return value === '' ? undefined : value;
    return segment === value || (fold && segment.toLowerCase() === value.toLowerCase()) ? segment : undefined;
  });
  return segments.includes(undefined) ? undefined : segments.join('/');
}

/** Has a table for the routes, and refuses paths that no route is meant to match. */
export function routeTableOf(server: FastifyInstance): void {
  server.decorate('routeTable', new RouteTable());
  server.addHook('onRequest', (request, reply, done) => {
    if (!isUnroutable(pathOf(request))) return done();
    notFoundText(request, reply);
  });
}

/** An encoded slash would split a segment; `.` and `..` are steps, not names (admin-api.md 6). */
function isUnroutable(path: string): boolean {
  return /%2f/i.test(path) || /\/\.{1,2}(?:\/|$)/.test(path.replace(/%2e/gi, '.'));
}

/** What the router answers when nothing matched: a redirect to the canonical path, 405, the methods, or 404. */
export function answerUnrouted(request: FastifyRequest, reply: FastifyReply): void {
  const { routeTable } = request.server;
  const path = pathOf(request);
  const canonical = routeTable.canonical(request.method, path);
  if (canonical !== undefined && canonical !== path) return redirect(request, reply, canonical);
  const methods = routeTable.methodsAt(path);
  if (methods.length === 0) return notFoundText(request, reply);
  void reply.header('allow', [...methods, 'OPTIONS'].join(', '));
  if (request.method === 'OPTIONS') return void reply.status(200).send();
  void reply.status(405).header('content-type', 'text/plain; charset=utf-8').send('Method Not Allowed\n');
}

function redirect(request: FastifyRequest, reply: FastifyReply, path: string): void {
  const query = request.url.slice(pathOf(request).length);
  const location = `${path}${query}`;
  void reply.header('location', location);
  if (request.method !== 'GET') return void reply.status(307).send();
  const anchor = `<a href="${location.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`)}">Moved Permanently</a>.\n`;
  void reply.status(301).header('content-type', 'text/html; charset=utf-8').send(anchor);
}

function notFoundText(request: FastifyRequest, reply: FastifyReply): void {
  const json = request.headers['content-type'] === 'application/json';
  const text = 'The requested path does not exist on this listener';
  void reply
    .status(404)
    .header('content-type', 'text/plain; charset=utf-8')
    .send(json ? JSON.stringify({ error: text }) : `${text}\n`);
}

function pathOf(request: FastifyRequest): string {
  const mark = request.url.indexOf('?');
  return mark === -1 ? request.url : request.url.slice(0, mark);
}
