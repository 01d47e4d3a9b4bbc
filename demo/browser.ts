/** A browser as far as OAuth needs one: keeps cookies, and says where it is sent. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  /** Visits a URL and returns where the answer redirects to. @throws Error when it does not redirect */
  async follow(url: string | URL): Promise<URL> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { headers: cookie === '' ? {} : { cookie }, redirect: 'manual' });
    const text = await response.text();
    for (const header of response.headers.getSetCookie()) this.keep(header);
    const location = response.headers.get('location');
    if (location === null) throw new Error(`no redirect but ${response.status}: ${text}`);
    return new URL(location, url);
  }

  private keep(header: string): void {
    const pair = header.split(';', 1)[0] ?? '';
    const equals = pair.indexOf('=');
    this.cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
}

/** @throws Error when the browser was not sent there with this parameter */
export function parameterOf(url: URL, name: string): string {
  const value = url.searchParams.get(name);
  if (value === null) throw new Error(`no ${name} in ${url.href}`);
  return value;
}
