import { type Answer, type AuthorityClient } from '#libs/harness';

/** What a thing may be found to be: one state when its last command was answered, two when the answer never came. */
type Possible = ReadonlySet<string>;

export const absent = 'absent';

/**
 * What the writers were told. Names are `client:<id>`, `keys:<set>`, `token:<token>`; states are the client's name, the kids of
 * the set, `active` or `inactive`. Every name has one writer at a time.
 */
export class Ledger {
  /** Commands answered so far. */
  acknowledged = 0;
  /** Answers that no writer should get. */
  readonly surprises: string[] = [];
  private readonly states = new Map<string, Possible>();
  private marked = false;

  /** From here on, nobody is told what becomes of a command: everything may be as it was now, or as any later command left it. */
  mark(): void {
    this.marked = true;
  }

  /** Runs a command that brings these names into these states; until it is answered, each may be in its old state or the new one. */
  async attempt(
    next: Readonly<Record<string, string>>,
    command: () => Promise<Answer>,
    status: number,
  ): Promise<Answer> {
    for (const [name, state] of Object.entries(next)) this.states.set(name, new Set([...this.possible(name), state]));
    const answer = await command();
    this.acknowledged++;
    if (answer.status !== status) {
      this.surprises.push(`${answer.status} instead of ${status} for ${JSON.stringify(next)}: ${answer.text}`);
      throw new Error('the writer stops');
    }
    if (!this.marked) for (const [name, state] of Object.entries(next)) this.states.set(name, new Set([state]));
    return answer;
  }

  /** A token the writer holds. */
  issued(...tokens: string[]): void {
    for (const token of tokens)
      this.states.set(`token:${token}`, new Set(this.marked ? ['inactive', 'active'] : ['active']));
  }

  /** How many names have one state that they can be in. */
  get certain(): number {
    return [...this.states.values()].filter(({ size }) => size === 1).length;
  }

  /** Compares every name with what the authority says; returns the differences. */
  async differences(authority: AuthorityClient): Promise<string[]> {
    const found: string[] = [];
    const names = [...this.states.entries()];
    const check = async (): Promise<void> => {
      for (let next = names.pop(); next !== undefined; next = names.pop()) {
        const [name, possible] = next;
        const actual = await actualState(authority, name);
        if (!possible.has(actual)) found.push(`${name} is ${actual}, told: ${[...possible].join(' or ')}`);
        this.states.set(name, new Set([actual])); // what was found once must stay
      }
    };
    await Promise.all(Array.from({ length: 8 }, check));
    return found;
  }

  private possible(name: string): Possible {
    return this.states.get(name) ?? new Set([absent]);
  }
}

async function actualState(authority: AuthorityClient, name: string): Promise<string> {
  const [kind = '', id = ''] = splitOnce(name);
  if (kind === 'token') return (await authority.isActive(id)) ? 'active' : 'inactive';
  const answer = await authority.admin('GET', `/${kind === 'client' ? 'clients' : 'keys'}/${id}`);
  if (answer.status === 404) return absent;
  if (answer.status !== 200) return `answered with ${answer.status}`;
  if (kind === 'client') return answer.json.client_name;
  return kidsOf(answer);
}

/** The state of a key set: its kids. */
export function kidsOf(answer: Answer): string {
  const kids: string[] = answer.json.keys.map(({ kid }: { kid: string }) => kid);
  return kids.sort().join();
}

function splitOnce(name: string): [string, string] {
  const at = name.indexOf(':');
  return [name.slice(0, at), name.slice(at + 1)];
}
