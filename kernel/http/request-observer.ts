import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LiveScope } from './scope.ts';

/** What logs, metrics and traces learn of requests. */
export interface RequestObserver {
  /** The returned function is called when the reply is closed. */
  begin(request: FastifyRequest, reply: FastifyReply, scope: LiveScope): (() => void) | undefined;
  /** The request turned out to be for a plugin's route. */
  cell(request: FastifyRequest, pluginId: string, route: string): void;
}

export const noObserver: RequestObserver = { begin: () => undefined, cell: () => undefined };
