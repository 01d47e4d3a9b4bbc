import { note, print, printJson } from '../output.js';
import { type Left } from './source.js';

const kinds = ['clients', 'keys', 'consents'] as const;
/** What an import is about, in the order in which it is taken. */
export type Kind = (typeof kinds)[number];
export type Outcome = 'created' | 'updated' | 'unchanged' | 'gone' | 'revoked' | 'not_taken';

type Remark = { readonly kind: Kind; readonly name: string; readonly reason: string };

/** More are counted, and not named. */
const mostRemarks = 1000;
const explained: Readonly<Record<Outcome, string>> = {
  created: 'taken',
  updated: 'taken, having changed',
  unchanged: 'as they were taken before',
  gone: 'deleted here since they were taken',
  revoked: 'revoked here, so not taken',
  not_taken: 'not taken',
};

/** What became of everything, counted; with the names of what was not taken, or not as a whole. */
export class ImportReport {
  private readonly counts = new Map<string, number>();
  private readonly notTaken: Remark[] = [];
  private readonly remarks: Remark[] = [];
  private unnamed = 0;

  constructor(private readonly dryRun: boolean) {}

  count(kind: Kind, outcome: Outcome): void {
    const key = `${kind} ${outcome}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  refuse(kind: Kind, name: string, reason: string): void {
    this.count(kind, 'not_taken');
    this.add(this.notTaken, { kind, name, reason });
  }

  /** It was taken, and somebody should know something about it. */
  remark(kind: Kind, name: string, reason: string): void {
    this.add(this.remarks, { kind, name, reason });
  }

  get refusals(): number {
    return kinds.reduce((sum, kind) => sum + this.of(kind, 'not_taken'), 0);
  }

  print(format: 'text' | 'json', left: readonly Left[]): void {
    const outcomes = Object.keys(explained) as Outcome[];
    if (format === 'json') {
      const counted = kinds.map((kind) => [
        kind,
        Object.fromEntries(outcomes.map((each) => [each, this.of(kind, each)])),
      ]);
      const { notTaken, remarks, unnamed } = this;
      return printJson({
        ...{ dry_run: this.dryRun, ...(Object.fromEntries(counted) as object) },
        ...{ not_taken: notTaken, remarks, unnamed, left },
      });
    }
    for (const kind of kinds) {
      const parts = outcomes.flatMap((each) =>
        this.of(kind, each) === 0 ? [] : [`${this.of(kind, each)} ${explained[each]}`],
      );
      print(`${kind}: ${parts.length === 0 ? 'none' : parts.join(', ')}`);
    }
    for (const { kind, name, reason } of this.notTaken) print(`not taken: ${singular(kind)} ${name}: ${reason}`);
    for (const { kind, name, reason } of this.remarks) print(`taken: ${singular(kind)} ${name}: ${reason}`);
    if (this.unnamed > 0) print(`and ${this.unnamed} more`);
    for (const { what, count, advice } of left) {
      if (count !== 0) print(`left behind: ${count === null ? 'all' : count} ${what}: ${advice}`);
    }
    if (this.dryRun) note('This was a rehearsal: nothing was written.');
  }

  private of(kind: Kind, outcome: Outcome): number {
    return this.counts.get(`${kind} ${outcome}`) ?? 0;
  }

  private add(list: Remark[], remark: Remark): void {
    if (list.length < mostRemarks) list.push(remark);
    else this.unnamed += 1;
  }
}

function singular(kind: Kind): string {
  return kind.slice(0, -1);
}
