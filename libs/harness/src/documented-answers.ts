import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { default as addFormats } from 'ajv-formats';
import { projectFolder } from './project-folder.js';

type Response = {
  readonly content?: Readonly<Record<string, object>>;
  readonly headers?: Readonly<Record<string, object>>;
};
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { responses: Responses }>>>>;
  readonly components: { readonly headers: Readonly<Record<string, { readonly required?: boolean }>> };
};
type Responses = Readonly<Record<string, Response>>;

/** An answer as it came; `header` gives a header by its name, nothing where there is none. */
export type Answered = {
  readonly status: number;
  readonly text: string;
  readonly header: (name: string) => string | null | undefined;
};
type Documented = { readonly template: string; readonly pattern: RegExp };

/** Answers of the router, which come before any operation (admin-api.md 1.1). */
const routerStatuses = [301, 307, 405];

/** The committed OpenAPI document, asked whether an answer of the admin listener is one of those it describes. */
class AnswerDocument {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: false });
  private readonly templates: readonly Documented[];
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(private readonly document: Document) {
    addFormats.default(this.ajv);
    this.ajv.addFormat('int32', true).addFormat('int64', true);
    this.ajv.addSchema(document, 'openapi');
    this.templates = Object.keys(document.paths).map((template) => ({
      template,
      pattern: new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+').replace(/\./g, '\\.')}$`),
    }));
  }

  /** What is wrong with an answer, `undefined` when nothing is or no operation is documented there. */
  problem(method: string, path: string, answer: Answered): string | undefined {
    const [pathname = ''] = path.split(/[?#]/);
    if (routerStatuses.includes(answer.status) || isRouterText(answer)) return undefined;
    if (answer.status === 404 && !isUtf8(pathname)) return undefined; // nothing has such a name, in any operation
    for (const { template } of this.templates.filter(({ pattern }) => pattern.test(pathname))) {
      const operation = this.document.paths[template]?.[method.toLowerCase()];
      if (operation !== undefined) return this.problemAt(template, method, operation.responses, answer);
    }
    return undefined;
  }

  private problemAt(template: string, method: string, responses: Responses, answer: Answered): string | undefined {
    const response = responses[answer.status];
    if (response === undefined)
      return `status ${answer.status} is not documented (only ${Object.keys(responses).join(', ')})`;
    const pointer = ['paths', template, method.toLowerCase(), 'responses', String(answer.status)];
    return this.headerProblem(response, answer) ?? this.bodyProblem(response, pointer, answer);
  }

  /** A header that is documented as always there has to be; one that is documented elsewhere only has to be documented here as well. */
  private headerProblem({ headers = {} }: Response, { status, header }: Answered): string | undefined {
    for (const [name, { required }] of Object.entries(this.document.components.headers)) {
      const isThere = typeof header(name) === 'string';
      if (isThere && status < 300 && !(name in headers)) return `${status} has ${name}, which is not documented`;
      if (!isThere && required === true && name in headers) return `${status} has no ${name}`;
    }
    return undefined;
  }

  private bodyProblem({ content = {} }: Response, pointer: string[], { status, text, header }: Answered) {
    const contentType = header('content-type') ?? '';
    const [mediaType] = Object.keys(content);
    if (mediaType === undefined) return text === '' ? undefined : `status ${status} is documented without a body`;
    if (!contentType.startsWith(mediaType))
      return `status ${status} has content type "${contentType}", not ${mediaType}`;
    if (mediaType !== 'application/json') return undefined;
    const validate = this.validator(pointer, mediaType);
    if (validate(parsed(text))) return undefined;
    return `the body of ${status} is not the documented one: ${this.ajv.errorsText(validate.errors)}`;
  }

  private validator(response: readonly string[], mediaType: string): ValidateFunction {
    const pointer = [...response, 'content', mediaType, 'schema'].map(pointerStep).join('/');
    const known = this.validators.get(pointer) ?? this.ajv.getSchema(`openapi#/${pointer}`);
    if (known === undefined) throw new Error(`the OpenAPI document has nothing at ${pointer}`);
    this.validators.set(pointer, known);
    return known;
  }
}

let documented: AnswerDocument | undefined;

/**
 * Makes a test fail when the admin listener answers what docs/openapi.json does not say. Paths and methods that are not in the
 * document, and what the router itself answers, are not looked at.
 *
 * @param path as requested, with its query
 * @throws Error naming the operation and what is wrong
 */
export function expectDocumented(method: string, path: string, answer: Answered): void {
  documented ??= new AnswerDocument(readDocument());
  const problem = documented.problem(method, path, answer);
  if (problem === undefined) return;
  throw new Error(`${method} ${path}: ${problem}\n${answer.text.slice(0, 2000)}\n(docs/openapi.json; npm run openapi)`);
}

function readDocument(): Document {
  return JSON.parse(readFileSync(join(projectFolder, 'docs/openapi.json'), 'utf8')) as Document;
}

/** Nothing matched: a text, whatever the status of it says. */
function isRouterText({ status, header }: Answered): boolean {
  return status === 404 && header('content-type')?.startsWith('text/plain') === true;
}

function isUtf8(pathname: string): boolean {
  try {
    decodeURIComponent(pathname);
    return true;
  } catch {
    return false;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // which no schema takes
  }
}

/** A step of a JSON pointer (RFC 6901), as it stands in a URI fragment. */
function pointerStep(name: string): string {
  return encodeURIComponent(name.replace(/~/g, '~0').replace(/\//g, '~1'));
}
