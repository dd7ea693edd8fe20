import { randomUUID } from 'node:crypto';
import { defineError, toWireError, type Json, type JsonObject, type Principal } from '@proofpix/sdk';
import { platformCode } from '@proofpix/sdk/runtime';
import type { Identity } from '../auth/contract.ts';
import { maxHops, type Provenance } from '../events/contract.ts';
import type { Logger } from '../log.ts';
import { keepPrivate } from '../private-errors.ts';
import { randomHex } from '../random-hex.ts';
import type { Breaker } from './breaker.ts';
import type { PluginCall } from './call.ts';
import { grantsOf } from './capabilities.ts';
import type { Runtime } from './contract.ts';
import type { HostTable } from './host/host-call.ts';
import { endCall, openSession } from './host/session.ts';
import type { PluginVersion } from './installed-plugin.ts';
import { withDefaults } from './schema-check.ts';
import type { EnabledPlugin } from './tenant-plugins.ts';

export const HopLimitExceeded = defineError({ code: 'HOP_LIMIT_EXCEEDED', kind: 'conflict', message: 'Events, jobs and service calls have been calling each other in a circle.' });

export interface InvokeRequest {
  plugin: EnabledPlugin;
  tenantId: string | null;
  /** `route:…`, `event:…`, `hook:…`, `job:…`, `service:…` */
  handler: string;
  input: Json;
  principal: Principal;
  identity: Identity | null;
  /** Of whatever led here; its hop count is this call's. */
  provenance: Provenance;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  requestId?: string | null;
  /** The client's address; null for work that no request waits for. */
  address?: string | null;
  jobId?: string | null;
  link?: { purpose: string; id: string } | null;
  idempotent: boolean;
}

export interface CallRecord {
  pluginId: string;
  version: string;
  tenantId: string | null;
  handler: string;
  wallMs: number;
  hostCalls: number;
  /** Error code, or null. */
  code: string | null;
}

export interface Invoker {
  invoke(request: InvokeRequest): Promise<Json>;
  /** Calls running now, of one plugin version or all. */
  running(pluginId?: string, version?: string): number;
  /** Aborts what still runs, for a plugin that is stopped at once or a node that has waited long enough. */
  abort(match: { pluginId?: string; tenantId?: string }): void;
}

export interface InvokerDeps {
  table: HostTable;
  breaker: Breaker;
  runtimeOf(version: PluginVersion): Runtime;
  log: Logger;
  notify(call: PluginCall, name: 'log' | 'metric', args: readonly Json[]): void;
  record(record: CallRecord): void;
  /** Wraps a call in a trace span; passes through when tracing is off. */
  traced<T>(name: string, attributes: Record<string, string>, run: () => Promise<T>): Promise<T>;
}

/** Why a call that has ended is aborted; made once, because an error of its own for each call would cost as much as a short call. */
const hasEnded = new DOMException('The call has ended.', 'AbortError');

/** Codes that are the plugin's own fault, whatever it was asked. */
const faults = new Set(['INTERNAL_SERVER_ERROR', 'INVALID_RESULT', 'BUDGET_EXCEEDED', 'DEADLINE_EXCEEDED']);

/** Runs handlers: makes the call, its session and its deadline, and cleans up whatever happens. */
export function openInvoker({ table, breaker, runtimeOf, log, notify, record, traced }: InvokerDeps): Invoker {
  const running = new Map<string, { call: PluginCall; controller: AbortController }>();
  const configs = new WeakMap<object, JsonObject>();

  function configOf({ version, config }: EnabledPlugin): JsonObject {
    let filled = configs.get(config);
    if (filled === undefined) {
      filled = withDefaults(version.manifest.config, config);
      configs.set(config, filled);
    }
    return filled;
  }

  async function run(request: InvokeRequest, call: PluginCall, startedMs: number): Promise<Json> {
    const { manifest, limits } = call.version;
    return runtimeOf(call.version).invoke(
      { tenantId: request.tenantId ?? '', pluginId: manifest.id, version: manifest.version, limits, idempotent: request.idempotent },
      {
        handler: request.handler,
        input: request.input,
        call: {
          id: call.id,
          plugin: { id: manifest.id, version: manifest.version },
          tenantId: request.tenantId ?? '',
          principal: request.principal,
          link: request.link ?? null,
          traceId: request.provenance.traceId,
          deadline: call.deadline,
          nowMs: startedMs,
          seed: randomHex(32),
          config: configOf(request.plugin),
          settings: request.plugin.version.settings ?? {},
          confined: request.provenance.confined === true,
        },
      },
      openSession(call, { table, log, notify }),
    );
  }

  return {
    async invoke(request) {
      const { plugin, provenance, tenantId } = request;
      const { manifest } = plugin.version;
      if (provenance.hop > maxHops) throw HopLimitExceeded({ details: { hops: provenance.hop, chain: [...provenance.chain, manifest.id] } });
      const circuit = `${tenantId ?? ''} ${manifest.id}@${manifest.version}`;
      breaker.enter(circuit);
      const confined = provenance.confined === true;
      // what such a call throws may quote what it works on: its message goes into no log, here or further up
      const quiet = confined || plugin.grants.includes('scratch');
      const startedMs = Date.now();
      const started = performance.now();
      const controller = new AbortController();
      const abort = (): void => controller.abort();
      const timer = setTimeout(abort, request.timeoutMs);
      if (request.signal?.aborted === true) abort();
      request.signal?.addEventListener('abort', abort, { once: true });
      const call: PluginCall = {
        id: randomUUID(),
        version: plugin.version,
        tenantId,
        principal: request.principal,
        identity: request.identity,
        provenance: { ...provenance, hop: provenance.hop + 1, chain: [...provenance.chain, manifest.id].slice(-maxHops) },
        grants: grantsOf(plugin.grants, provenance.bounds),
        deadline: startedMs + request.timeoutMs,
        signal: controller.signal,
        requestId: request.requestId ?? null,
        address: request.address ?? null,
        jobId: request.jobId ?? null,
        transaction: null,
        streams: new Map(),
        nextStream: 1,
        spent: { hostCalls: 0, bytes: 0 },
      };
      running.set(call.id, { call, controller });
      let code: string | null = null;
      try {
        // the span of a call that fails has the error's code, which a confined call chooses freely
        if (confined) return await run(request, call, startedMs);
        return await traced(`${manifest.id} ${request.handler}`, { 'proofpix.plugin': manifest.id, 'proofpix.tenant': tenantId ?? '' }, () => run(request, call, startedMs));
      } catch (error) {
        code = confined ? platformCode(error) : toWireError(error).code;
        if (toWireError(error).kind === 'internal') log.error({ ...(quiet ? {} : { err: error }), plugin: manifest.id, handler: request.handler, traceId: provenance.traceId }, 'a handler threw');
        throw quiet ? keepPrivate(error) : error;
      } finally {
        clearTimeout(timer);
        request.signal?.removeEventListener('abort', abort);
        running.delete(call.id);
        // After the end nothing of the call may reach the host any more.
        controller.abort(hasEnded);
        if (call.transaction !== null || call.streams.size > 0) await endCall(call, log);
        breaker.leave(circuit, code !== null && faults.has(code));
        record({ pluginId: manifest.id, version: manifest.version, tenantId, handler: request.handler, wallMs: performance.now() - started, hostCalls: call.spent.hostCalls, code });
      }
    },
    running: (pluginId, version) => (pluginId === undefined ? running.size : [...running.values()].filter(({ call }) => call.version.manifest.id === pluginId && (version === undefined || call.version.manifest.version === version)).length),
    abort({ pluginId, tenantId }) {
      for (const { call, controller } of running.values()) {
        if ((pluginId === undefined || call.version.manifest.id === pluginId) && (tenantId === undefined || call.tenantId === tenantId)) controller.abort();
      }
    },
  };
}
