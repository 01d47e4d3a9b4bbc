import { afterAll, beforeAll } from '@jest/globals';
import { type DocumentedProxy, startDocumentedProxy } from '#libs/harness';
import { type RunningAuthority } from '#libs/testing';

/**
 * Where the SDKs of a `describe` block find the admin listener, so that what it answers them is held against the OpenAPI document
 * as well. To be called behind `runningAuthority`.
 */
export function documentedAdmin(running: RunningAuthority): { readonly url: string } {
  let proxy: DocumentedProxy | undefined;

  beforeAll(async () => {
    proxy = await startDocumentedProxy(running.authority.urls.adminUrl);
  });
  afterAll(async () => {
    await proxy?.close();
    proxy?.expectDocumented();
  });

  return {
    get url() {
      if (proxy === undefined) throw new Error('the proxy has not started');
      return proxy.url;
    },
  };
}
