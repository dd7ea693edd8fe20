import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '../auth/contract.ts';
import type { RequestScope } from './contract.ts';
import { traceContextOf, type TraceContext } from './trace-context.ts';

/** A scope while the root is still finding out who asks. Handlers see it as a {@link RequestScope}. */
export class LiveScope implements RequestScope {
  readonly requestId: string;
  readonly ip: string;
  identity: Identity | null = null;
  tenantId: string | null = null;
  link: { purpose: string; id: string } | null = null;
  /** Method and route pattern, once known. */
  endpoint: string | null = null;
  readonly #traceparent: string | string[] | undefined;
  readonly #response: ServerResponse;
  #trace: TraceContext | null = null;
  #controller: AbortController | null = null;

  constructor(requestId: string, ip: string, request: IncomingMessage, response: ServerResponse) {
    this.requestId = requestId;
    this.ip = ip;
    this.#traceparent = request.headers['traceparent'];
    this.#response = response;
  }

  get trace(): TraceContext {
    return (this.#trace ??= traceContextOf(this.#traceparent));
  }

  get traceId(): string {
    return this.trace.traceId;
  }

  /** Aborts when the client has gone before its reply was complete. Made when first asked for: most requests never look. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      const controller = new AbortController();
      this.#controller = controller;
      const response = this.#response;
      const gone = (): void => {
        if (!response.writableEnded) controller.abort();
      };
      if (response.closed || response.destroyed) gone();
      else response.once('close', gone);
    }
    return this.#controller.signal;
  }
}
