import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { type Operation, operation } from '../../openapi/operation.js';
import { type ApiGeneration } from './generation.js';
import { rc8 } from './rc8.js';
import { v111 } from './v1-11.js';
import { v262 } from './v26-2.js';

const generations = { rc8, v111, v262 };

/** An operation of the Admin API, at its path in one generation. */
export type AdminOperation = Operation & { readonly generation: ApiGeneration };

/** What all generations have in common; paths are without the prefix of the generation. */
type Declared = Omit<Operation, 'operationId' | 'status' | 'contentType' | 'cacheControl' | 'exact'> & {
  /** Its answers hold a secret, a token, a key or what leads to one: nobody is to keep them. */
  readonly confidential?: true;
};

/** What one generation calls the operation, and what is another there. */
type InGeneration = Partial<Declared> & Pick<Operation, 'operationId'>;

/**
 * Declares an operation in the generations that have it. Its id is that of the SDKs of the generation where nothing else in the document
 * has that name, otherwise the name of rc.8 with `V1` (v1.11) or `V26` (v26.2). So are schemas called that differ from those of rc.8.
 */
export function adminOperation(
  common: Declared,
  named: Readonly<Partial<Record<keyof typeof generations, InGeneration>>>,
): readonly AdminOperation[] {
  return Object.entries(named).map(([name, own]) => {
    const generation = generations[name as keyof typeof generations];
    const { confidential, ...declared } = { ...common, ...own };
    const cacheControl =
      (declared.method === 'GET' ? generation.cacheControl : undefined) ??
      (confidential === true ? 'no-store' : undefined);
    const path = `${generation.pathPrefix}${declared.path}`;
    const tag = generation === rc8 ? declared.tag : `${declared.tag} ${generation.name}`;
    return {
      ...operation({ ...declared, path, tag, generation }),
      ...(cacheControl === undefined ? {} : { cacheControl }),
      ...(generation.exactPaths ? { exact: true } : {}),
    };
  });
}

/** In the order of the document: generation by generation. */
export function byGeneration(operations: readonly AdminOperation[]): AdminOperation[] {
  return Object.values(generations).flatMap((each) => operations.filter(({ generation }) => generation === each));
}

/** Injects the `ApiGeneration` that a request speaks: its route says it. */
export const Generation = createParamDecorator((_data: unknown, context: ExecutionContext): ApiGeneration => {
  const { endpoint } = context.switchToHttp().getRequest<FastifyRequest>().routeOptions.config;
  return (endpoint as AdminOperation).generation;
});
