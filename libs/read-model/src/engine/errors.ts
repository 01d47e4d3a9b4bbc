/** The read model's file cannot be used with this event store. The message is one line that names what to do. */
export class ReadModelRefusedError extends Error {
  override readonly name = 'ReadModelRefusedError';

  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(`read model ${file} ${reason}: run \`hydrant read-model rebuild\``, options);
  }
}

/** This instance has not applied what the caller needs to see, and will not in time. Trying again later may work. */
export class ReadModelBehindError extends Error {
  override readonly name = 'ReadModelBehindError';
}

/** An event the read model cannot take; the projector stops in front of it. The message names stream, revision and position. */
export class ProjectionError extends Error {
  override readonly name = 'ProjectionError';

  constructor(
    at: { readonly stream: string; readonly revision: number; readonly position: number; readonly type: string },
    cause: unknown,
  ) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`cannot apply ${at.type} at ${at.stream}@${at.revision}, position ${at.position}: ${reason}`, { cause });
  }
}
