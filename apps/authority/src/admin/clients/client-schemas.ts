import { type ClientMember, type ClientMemberName, clientMemberList } from '#libs/oauth2';
import {
  type Schema,
  answerModel,
  described,
  freeForm,
  integer,
  nullable,
  ref,
  requestModel,
  text,
  texts,
  time,
} from '../../openapi/schema.js';

type Row = ClientMember & { readonly name: ClientMemberName };
type Members = Readonly<Record<string, Schema>>;

/** Members as they may be sent; `null` in a list is an empty string. */
const sentKinds: Readonly<Record<ClientMember['kind'], Schema>> = {
  string: text,
  strings: { type: 'array', items: nullable(text) },
  object: freeForm,
  integer,
  timestamp: time,
};

/** What a registration may have (admin-api.md 3.1). */
function sent(rows: readonly Row[]): Members {
  return members(rows, ({ kind, maxLength, document }) =>
    withWords({ ...sentKinds[kind], ...(maxLength === undefined ? {} : { maxLength }) }, document?.sent),
  );
}

/** What answers have; the only number is always the same. @param lists what those are that a request may have left out */
function answered(rows: readonly Row[], lists = texts): Members {
  const kinds: typeof sentKinds = {
    string: text,
    strings: texts,
    object: freeForm,
    integer: { const: 0 },
    timestamp: time,
  };
  return members(rows, ({ kind, values, echoesAbsence, document }) => {
    if (values !== undefined) return { enum: values };
    if (document?.schema !== undefined) return ref(document.schema);
    return withWords(echoesAbsence === true ? lists : kinds[kind], document?.answered);
  });
}

/** In the order of the document: after names and secrets, the lists that are always there, then the others. */
function members(rows: readonly Row[], schemaOf: (row: Row) => Schema): Members {
  const isList = ({ echoesAbsence }: Row): boolean => echoesAbsence === true;
  const first = rows.findIndex(isList);
  const others = rows.filter((row) => !isList(row));
  const inOrder = first < 0 ? rows : [...rows.slice(0, first), ...rows.filter(isList), ...others.slice(first)];
  return Object.fromEntries(inOrder.map((row) => [row.name, schemaOf(row)]));
}

function withWords(schema: Schema, words: string | undefined): Schema {
  return words === undefined ? schema : described(schema, words);
}

/** A client as answers show it, and as the answer to a write does. @param rows the members of a generation */
function answers(rows: readonly Row[], lists = texts): { readonly shown: Schema; readonly written: Schema } {
  const always = answered(
    rows.filter((row) => row.answered === 'always'),
    lists,
  );
  const once = answered(rows.filter((row) => row.answered === 'once'));
  const filled = answered(rows.filter((row) => row.answered === 'filled'));
  return { shown: answerModel(always, filled), written: answerModel(always, { ...once, ...filled }) };
}

const first = clientMemberList.filter(({ extension }) => extension !== true);
const extended = answers(clientMemberList);

/** Clients (admin-api.md 3.1). Only the answers to creating and updating one have a place for its secret. */
export const clientSchemas: Members = {
  OAuth2Client: described(answers(first).shown, 'An OAuth 2.0 client, without its secret.'),
  RegisteredOAuth2Client: described(
    answers(first, nullable(texts)).written,
    'A client as it was just registered. Lists that the request left out are null.',
  ),
  OAuth2ClientRegistration: requestModel(sent(first), 'ignored'),
  ClientKeys: answerModel({ keys: nullable({ type: 'array', items: ref('JsonWebKey') }) }),
};

/** The same with the members that later generations brought (admin-api.md 4.2). */
export const laterClientSchemas: Members = {
  OAuth2ClientV1: extended.shown,
  OAuth2ClientV26: extended.shown,
  RegisteredOAuth2ClientV26: described(extended.written, 'A client as it was just registered.'),
  OAuth2ClientRegistrationV26: requestModel(sent(clientMemberList), 'ignored'),
};

/** RFC 6902. */
export const patchSchemas: Members = {
  JsonPatch: {
    type: 'array',
    maxItems: 1000,
    items: {
      type: 'object',
      required: ['op', 'path'],
      properties: {
        op: { enum: ['add', 'remove', 'replace', 'move', 'copy', 'test'] },
        path: described(text, 'A JSON Pointer (RFC 6901).'),
        from: described(text, 'A JSON Pointer, of move and copy.'),
        value: described({}, 'Of add, replace and test.'),
      },
    },
  },
};
