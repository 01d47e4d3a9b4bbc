import { clientMemberList } from '#libs/oauth2';
import { type Command, Option } from 'commander';
import { listed } from '../list-option.js';

/** What the command line says about a client, by the names commander makes of the flags; what was not given is absent. */
export type ClientOptions = Readonly<Record<string, unknown>>;

/** Hydra's flags, for the members of a client that the table has one for. They have no defaults, so that an update can tell what was given. */
const clientOptions = clientMemberList.flatMap(({ name, kind, option }) => {
  if (option === undefined) return [];
  const { flags, help, joined, only } = option;
  const declared = new Option(flags, help);
  if (kind === 'strings' || joined !== undefined) declared.argParser(listed);
  return [{ name, declared, joined, only }];
});

export function withClientOptions(command: Command, kind: 'create' | 'update'): Command {
  for (const { declared, only } of clientOptions) if (only === undefined || only === kind) command.addOption(declared);
  return command;
}

/** The members that were given, with the names of the Admin API. */
export function givenMembers(options: ClientOptions): Record<string, unknown> {
  const members = clientOptions.map(({ name, declared, joined }): [string, unknown] => {
    const given = options[declared.attributeName()];
    return [name, joined !== undefined && Array.isArray(given) ? given.join(joined) : given];
  });
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}
