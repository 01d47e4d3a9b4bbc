import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { type AuthorityClient, type HydrantResult, runHydrant } from '#libs/harness';
import { type RunningAuthority, runningAuthority } from '#libs/testing';

/** An authority, the command line pointed at it, and a folder for the files of imports. */
export type CommandLine = {
  readonly running: RunningAuthority;
  readonly authority: AuthorityClient;
  /** `hydrant <args>` with the authority's addresses in the environment. */
  hydrant(...args: string[]): Promise<HydrantResult>;
  /** Writes a file, and returns its path. */
  file(name: string, content: string | Uint8Array): string;
};

/** The environment that names an authority's addresses; `token client` and `token revoke` want the public one. */
export function addresses({ urls }: AuthorityClient): Record<string, string> {
  return { HYDRA_ADMIN_URL: urls.adminUrl, HYDRA_URL: urls.publicUrl };
}

/** There for all tests of a `describe` block. */
export function commandLine(): CommandLine {
  const running = runningAuthority();
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hydrant-cli-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    running,
    get authority() {
      return running.authority;
    },
    hydrant: (...args) => runHydrant(args, addresses(running.authority)),
    file: (name, content) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
  };
}
