/** For options that may be repeated and may hold commas, as Hydra's: `-g a,b -g c` gives all three. */
export function listed(text: string, before: readonly string[] | undefined): string[] {
  const parts = text.split(',').map((part) => part.trim());
  return [...(before ?? []), ...parts.filter((part) => part !== '')];
}
