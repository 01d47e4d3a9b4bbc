import { createRequire } from 'node:module';

/** The version of package.json, found from the sources and from the build alike. */
export const version = readVersion();

function readVersion(): string {
  const require = createRequire(import.meta.url);
  for (const path of ['../../../../package.json', '../../../../../package.json']) {
    try {
      return (require(path) as { version: string }).version;
    } catch {
      // not there: one is the path from the sources, the other from the build
    }
  }
  throw new Error('package.json is missing');
}
