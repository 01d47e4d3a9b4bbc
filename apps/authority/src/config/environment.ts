import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { ConfigurationError, type Network } from './configuration.js';
import { parseDuration } from './duration.js';
import { type Choice, type ChoiceName, type DefaultedName, type VariableName, variables } from './variables.js';

/** Reads single variables of an environment; every method throws `ConfigurationError` naming the variable it does not like. */
export class Environment {
  readonly warnings: string[] = [];

  constructor(private readonly values: Readonly<Record<string, string | undefined>>) {}

  /** The value of a variable or of one of its legacy names, or else its default; an empty value counts as unset. */
  text(name: DefaultedName): string;
  text(name: VariableName): string | undefined;
  text(name: VariableName): string | undefined {
    return this.given(name) ?? variables[name].default;
  }

  /** What was set, under whatever name. */
  private given(name: VariableName): string | undefined {
    const value = this.values[name];
    if (value !== undefined && value !== '') return value;
    for (const legacy of variables[name].legacy ?? []) {
      const legacyValue = this.values[legacy];
      if (legacyValue === undefined || legacyValue === '') continue;
      this.warn(`${legacy} is a legacy name, use ${name}`);
      return legacyValue;
    }
    return undefined;
  }

  /** One line for each name, however often it is read. */
  private warn(line: string): void {
    if (!this.warnings.includes(line)) this.warnings.push(line);
  }

  /** What is listed, or else what is by default. */
  list(name: VariableName): string[] {
    const listed = items(this.given(name));
    return listed.length > 0 ? listed : items(variables[name].default);
  }

  /** What is in the file that is named. */
  fileText(name: VariableName): string | undefined {
    const file = this.text(name);
    if (file === undefined) return undefined;
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw refuse(name, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** IP addresses and networks in CIDR notation. */
  networks(name: VariableName): Network[] {
    return this.list(name).map((text) => {
      const network = networkOf(text);
      if (network === undefined) throw refuse(name, 'must list IP addresses or networks such as 10.0.0.0/8');
      return network;
    });
  }

  port(name: DefaultedName): number {
    const text = this.text(name);
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw refuse(name, 'must be a port number from 0 to 65535');
    return Number(text);
  }

  /** A whole number from 1 on. */
  count(name: DefaultedName): number {
    const text = this.text(name);
    if (!/^[1-9]\d{0,8}$/.test(text)) throw refuse(name, 'must be a whole number from 1 on');
    return Number(text);
  }

  flag(name: DefaultedName): boolean {
    const text = this.text(name);
    if (text !== 'true' && text !== 'false' && text !== '1' && text !== '0')
      throw refuse(name, 'must be true or false');
    return text === 'true' || text === '1';
  }

  /** One of the values the table gives it. */
  oneOf<Name extends ChoiceName>(name: Name): Choice<Name> {
    const text = this.text(name);
    const choices = variables[name].choices ?? [];
    if (!choices.includes(text)) throw refuse(name, `must be one of ${choices.join(', ')}`);
    return text as Choice<Name>;
  }

  seconds(name: DefaultedName): number {
    const text = this.text(name);
    if (!/^\d{1,9}$/.test(text)) throw refuse(name, 'must be a whole number of seconds');
    return Number(text);
  }

  durationMs(name: DefaultedName): number;
  durationMs(name: VariableName): number | undefined;
  durationMs(name: VariableName): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const ms = parseDuration(text);
    if (ms === undefined)
      throw refuse(name, 'must be a positive duration such as 30m or 1h, of at most a thousand years');
    return ms;
  }

  /** An absolute http(s) URL, as given. */
  url(name: VariableName): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
      throw refuse(name, 'must be an absolute http or https URL');
    return text;
  }
}

function items(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/).filter((item) => item !== '');
}

function networkOf(text: string): Network | undefined {
  const [, address = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  const prefix = length === undefined ? bits : Number(length);
  return bits === 0 || prefix > bits || address.includes('%') ? undefined : { address, prefix };
}

/** A `ConfigurationError` in the one form all of them have. */
export function refuse(name: VariableName, what: string): ConfigurationError {
  return new ConfigurationError(`${name} ${what}`);
}
