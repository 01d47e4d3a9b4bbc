import { type ReadModel } from '#libs/read-model';
import { type preHandlerHookHandler } from 'fastify';

/** Before the handler of what depends on stored state: see `Endpoint.catchesUp`. */
export function catchUpHook(readModel: ReadModel): preHandlerHookHandler {
  return ({ context }, _reply, done) => {
    const pending = context.caughtUp ? undefined : readModel.catchUp();
    if (pending === undefined) return done();
    pending.then(() => done(), done);
  };
}
