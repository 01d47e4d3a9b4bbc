import { afterAll, beforeAll } from '@jest/globals';
import { AuthorityClient, type AuthorityProcess, scratchFolder, startAuthority } from '#libs/harness';

/** Where the authority sends browsers; nobody follows. */
export const apps = {
  login: 'http://127.0.0.1:9/login',
  consent: 'http://127.0.0.1:9/consent',
  error: 'http://127.0.0.1:9/error',
};

/** An authority of a `describe` block, there from `beforeAll` on. */
export type RunningAuthority = {
  readonly authority: AuthorityClient;
  readonly publicUrl: string;
  /** Everything it logged so far. */
  readonly output: string;
};

/** Starts one authority for all tests of a block; with `env` on top of the addresses of the apps. */
export function runningAuthority(env: Record<string, string> = {}): RunningAuthority {
  let process: AuthorityProcess | undefined;
  let client: AuthorityClient | undefined;
  let remove: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    const scratch = await scratchFolder();
    remove = () => scratch.remove();
    const urls = { URLS_LOGIN: apps.login, URLS_CONSENT: apps.consent, URLS_ERROR: apps.error };
    process = await startAuthority(scratch.folder, { ...urls, ...env });
    client = new AuthorityClient(process);
  });
  afterAll(async () => {
    await process?.stop();
    await remove?.();
  });

  return {
    get authority() {
      if (client === undefined) throw new Error('the authority has not started');
      return client;
    },
    get publicUrl() {
      return this.authority.urls.publicUrl;
    },
    get output() {
      return process?.output() ?? '';
    },
  };
}
