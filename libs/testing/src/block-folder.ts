import { afterAll, beforeAll } from '@jest/globals';
import { scratchFolder } from '#libs/harness';

/** A folder of a `describe` block, there from `beforeAll` on and gone after its tests. */
export function blockFolder(): { readonly path: string } {
  let scratch: Awaited<ReturnType<typeof scratchFolder>> | undefined;

  beforeAll(async () => {
    scratch = await scratchFolder();
  });
  afterAll(() => scratch?.remove());

  return {
    get path() {
      if (scratch === undefined) throw new Error('the folder is not there yet');
      return scratch.folder;
    },
  };
}
