import type { FastifyRequest } from 'fastify';
import type { RequestObserver } from '../http/request-observer.ts';
import type { Logger } from '../log.ts';
import type { RequestTimes } from './request-times.ts';
import type { Tracing } from './tracing.ts';

interface CellRoute {
  pluginId: string;
  route: string;
}

/** Logs, times and traces every request, once, when its reply is closed. */
export function createRequestObserver({ log, times, tracing, accessLog }: { log: Logger; times: RequestTimes; tracing: Tracing; accessLog: boolean }): RequestObserver {
  const cells = new WeakMap<FastifyRequest, CellRoute>();
  // These lines have fixed fields and none that is secret; looking through each for secrets is twenty times the work of writing it.
  const lines = accessLog ? log.child({}, { redact: [] }) : null;
  return {
    begin(request, reply, scope) {
      const startedMs = performance.now();
      const span = tracing.enabled ? tracing.startRequest(request.method, scope.trace) : null;
      return () => {
        const durationMs = performance.now() - startedMs;
        const { raw } = reply;
        const cell = cells.get(request);
        const route = cell?.route ?? (request.is404 ? 'none' : (request.routeOptions.url ?? 'none'));
        // 499, as nginx has it: the client left before its reply was complete
        const status = raw.writableEnded ? raw.statusCode : 499;
        times.observe(request.method, route, cell?.pluginId ?? '', status, durationMs / 1_000);
        lines?.info({ requestId: scope.requestId, traceId: scope.traceId, method: request.method, route, plugin: cell?.pluginId, status, durationMs: Math.round(durationMs * 1_000) / 1_000, ip: scope.ip, tenantId: scope.tenantId, userId: scope.identity?.principal.userId }, 'request');
        if (span === null) return;
        span.rename(`${request.method} ${route}`);
        span.set({ 'http.route': route, ...(cell === undefined ? {} : { 'proofpix.plugin': cell.pluginId }), ...(scope.tenantId === null ? {} : { 'proofpix.tenant': scope.tenantId }) });
        span.end(status);
      };
    },
    cell: (request, pluginId, route) => void cells.set(request, { pluginId, route }),
  };
}
