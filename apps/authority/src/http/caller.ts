import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { type RequestContext } from './request-context.js';

/** Injects the request's `RequestContext`: who asks, for the metadata of events. */
export const Caller = createParamDecorator(
  (_data: unknown, context: ExecutionContext): RequestContext =>
    context.switchToHttp().getRequest<FastifyRequest>().context,
);
