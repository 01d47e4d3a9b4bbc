const resources = ['clients', 'keys', 'login', 'consent', 'sessions', 'tokens', 'admin-tokens'] as const;

/** What a caller of the Admin API may do: look at one kind of resource, or change it. Neither is part of the other. */
export type Permission = `${(typeof resources)[number]}:${'read' | 'write'}`;

/** Every permission there is, in the order in which they are written. */
export const permissions: readonly Permission[] = resources.flatMap(
  (resource) => [`${resource}:read`, `${resource}:write`] as const,
);

export function isPermission(text: string): text is Permission {
  return (permissions as readonly string[]).includes(text);
}
