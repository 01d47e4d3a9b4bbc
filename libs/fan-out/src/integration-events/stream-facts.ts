import { type AuthorityEvent, type ClientRegistration } from '#libs/domain';

/**
 * What the earlier events of a stream say that a later one does not repeat: whom it is about, at which client, what was asked for.
 * `erased`: the person is not known any more.
 */
export type StreamFacts = {
  readonly clientId?: string | undefined;
  readonly subjectHash?: string | undefined;
  readonly subject?: string | undefined;
  readonly requestedScope?: readonly string[];
  readonly requestedAudience?: readonly string[];
  /** A remembered login or consent made asking needless. */
  readonly skipped?: boolean;
  readonly registration?: ClientRegistration;
  readonly erased?: true;
};

/** Nothing happened on the stream yet. */
export const noFacts: StreamFacts = {};

/**
 * Types whose facts are taken up when the event passes by, so that the later events of their streams need no read of the log. Grants
 * are not among them: the one event in thousands that asks for theirs has them read.
 */
export const rememberedTypes: ReadonlySet<string> = new Set<AuthorityEvent['type']>([
  ...(['ClientCreated', 'ClientUpdated', 'LoginRequested', 'ConsentRequested', 'SessionStarted'] as const),
]);

/** The facts after an event. `erased`: its personal members could not be read any more. */
export function factsAfter(facts: StreamFacts, event: AuthorityEvent, erased: boolean): StreamFacts {
  const lost = erased ? ({ erased: true } as const) : {};
  switch (event.type) {
    case 'ClientCreated':
    case 'ClientUpdated':
      return { registration: event.data.registration };
    case 'ClientDeleted':
      return noFacts;
    case 'LoginRequested': {
      const { clientId, subjectHash, subject, request, session } = event.data;
      return { clientId, subjectHash, subject, ...asked(request), skipped: session !== null, ...lost };
    }
    case 'ConsentRequested': {
      const { clientId, subjectHash, subject, request, rememberedConsent } = event.data;
      return { clientId, subjectHash, subject, ...asked(request), skipped: rememberedConsent !== null, ...lost };
    }
    case 'SessionStarted': {
      const { subjectHash, subject } = event.data;
      return { subjectHash, subject, ...lost };
    }
    case 'AuthorizationCodeIssued':
    case 'TokensIssued':
    case 'TokensRefreshed': {
      const { clientId, subjectHash, subject } = event.data;
      return { clientId, subjectHash, subject, ...lost };
    }
    default:
      return facts;
  }
}

function asked(request: {
  readonly scope: readonly string[];
  readonly audience: readonly string[];
}): Pick<StreamFacts, 'requestedScope' | 'requestedAudience'> {
  return { requestedScope: request.scope, requestedAudience: request.audience };
}
