/** One thing of an installation of Hydra, as the import takes it; or why it cannot be taken. */
export type Found =
  { readonly name: string; readonly body: object } | { readonly name: string; readonly reason: string };

/** What is never taken over: how much of it there is, `null` where nobody can say. */
export type Left = { readonly what: string; readonly count: number | null; readonly advice: string };

/** An installation of Hydra, whatever tells of it. */
export type Source = {
  readonly clients: Iterable<Found> | AsyncIterable<Found>;
  readonly keySets: Iterable<Found> | AsyncIterable<Found>;
  readonly consents: Iterable<Found> | AsyncIterable<Found>;
  /** Known once all of the others were read. */
  left(): readonly Left[];
  close(): void;
};
