/** Why a command could not be done, as the one line its caller needs. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** The one line for any error: what the platform says goes with what it was about, a stack never. */
export function lineOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, ' ');
}
