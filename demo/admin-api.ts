/** A login or consent app, or an administrator, at the Admin API. */
export class AdminApi {
  constructor(private readonly adminUrl: string) {}

  /** @throws Error when the answer does not have the expected status */
  async call(
    method: string,
    path: string,
    { expectedStatus, body }: { expectedStatus: number; body?: object },
  ): Promise<Readonly<Record<string, unknown>>> {
    const response = await fetch(`${this.adminUrl}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-reason': 'demo' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status !== expectedStatus) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  }

  /** The introspection answer for a token. */
  async introspect(token: string): Promise<{ active: boolean; sub?: string; scope?: string }> {
    const response = await fetch(`${this.adminUrl}/oauth2/introspect`, {
      method: 'POST',
      body: new URLSearchParams({ token }),
    });
    return (await response.json()) as { active: boolean; sub?: string; scope?: string };
  }
}
