/** Which of the two listeners an application serves. */
export type ListenerKind = 'admin' | 'public';

/** Injection token of the `ListenerKind`. */
export const listenerKind = Symbol('listener kind');
