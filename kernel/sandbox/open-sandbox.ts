import { Unavailable, type Json } from '@proofpix/sdk';
import type { Invocation } from '@proofpix/sdk/runtime';
import type { HostSession, RunTarget } from '../plugins/contract.ts';
import type { Sandbox, SandboxOptions } from './contract.ts';
import { PluginQuarantined } from './errors.ts';
import { startCall, type Outcome } from './host/call.ts';
import type { HostGuest } from './host/guest.ts';
import { prepareLaunch } from './host/launch.ts';
import { openMeters } from './host/meters.ts';
import { openPool } from './host/pool.ts';
import { scriptRegistry } from './host/scripts.ts';
import { matches, strikeBook } from './host/strikes.ts';
import { openTrust } from './host/trust.ts';

/** Calls of one tenant's plugin, and of all, that may be open at once; more are refused. */
const maxCallsPerGuest = 500;
const maxCalls = 5_000;

/** A call is tried again on another process once, and only if it may be. */
const attempts = 2;

/** Opens the sandbox. Processes start with the first bundle that is loaded. Scope: one per server process. */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { log, onStrike, onUsage } = options;
  const scripts = scriptRegistry();
  const strikes = strikeBook();
  const meters = openMeters();
  const trust = openTrust();
  let open = 0;
  let closed = false;

  const pool = openPool({
    launch: prepareLaunch,
    log,
    children: Math.min(64, Math.max(1, options.children ?? 2)),
    soloChildren: options.soloChildren ?? 4,
    isolatesPerChild: options.isolatesPerChild ?? 200,
    rssLimitBytes: options.rssLimitBytes ?? 805_306_368,
    pingTimeoutMs: options.pingTimeoutMs ?? 1_500,
    disposeTimeoutMs: options.disposeTimeoutMs ?? 200,
    onStrike({ tenantId, pluginId, version }, reason) {
      if (closed) return;
      const atMs = Date.now();
      trust.bad(pluginId, version);
      const quarantinedUntilMs = strikes.add({ tenantId, pluginId, version }, reason, atMs);
      log.warn({ plugin: pluginId, version, tenant: tenantId, reason, quarantinedUntilMs }, quarantinedUntilMs === null ? 'a plugin was ended by force' : 'a plugin is quarantined');
      onStrike?.({ tenantId, pluginId, version, reason, atMs, quarantinedUntilMs });
    },
  });

  function run(guest: HostGuest, target: RunTarget, invocation: Invocation, session: HostSession): Promise<Outcome> {
    return new Promise((resolve) => {
      const call = startCall({
        target,
        invocation,
        session,
        onStop: guest.stop,
        onUsage(usage) {
          meters.add(usage);
          if (usage.outcome === 'ok') trust.good(usage.pluginId, usage.version);
          onUsage?.(usage);
        },
        onOutcome: resolve,
      });
      guest.start(call);
      pool.busy();
    });
  }

  function refuseQuarantined(target: RunTarget): void {
    const untilMs = strikes.quarantinedUntil(target, Date.now());
    if (untilMs !== null) throw PluginQuarantined({ retryAfterSeconds: Math.ceil((untilMs - Date.now()) / 1000) });
  }

  async function attempt(target: RunTarget, invocation: Invocation, session: HostSession): Promise<Outcome> {
    if (closed || session.signal.aborted) throw Unavailable();
    refuseQuarantined(target);
    const { tenantId, pluginId, version } = target;
    const script = scripts.get(pluginId, version);
    if (script === undefined) throw Unavailable({ message: `${pluginId} ${version} is not loaded.` });
    // an isolate of its own for a confined call, gone with it: nothing can be kept in its globals for a later call that may write
    const isolate = invocation.call.confined === true ? `\n${invocation.call.id}` : '';
    const spec = { key: `${tenantId}\n${pluginId}\n${version}${isolate}`, tenantId, pluginId, version, memoryBytes: target.limits.memoryBytes, proven: trust.isProven(pluginId, version), script, meter: meters.of(pluginId, tenantId) };
    const placed = pool.place(spec, strikes.isSolo(target), invocation.call.deadline);
    const guest = placed instanceof Promise ? await placed : placed;
    try {
      if (session.signal.aborted) throw Unavailable();
      if (guest.calls.size >= maxCallsPerGuest) throw Unavailable({ message: 'Too many calls of this plugin are open.' });
      return await run(guest, target, invocation, session);
    } finally {
      if (isolate !== '') void pool.close(guest);
    }
  }

  async function invoke(target: RunTarget, invocation: Invocation, session: HostSession): Promise<Json> {
    if (open >= maxCalls) throw Unavailable({ message: 'Too many calls are open.' });
    open++;
    try {
      for (let left = target.idempotent ? attempts : 1; left > 0; left--) {
        const outcome = await attempt(target, invocation, session);
        if (outcome.kind === 'value') return outcome.value;
        if (outcome.kind === 'error') throw outcome.error;
      }
      throw Unavailable();
    } finally {
      open--;
    }
  }

  return {
    invoke,
    load({ id, version, code }) {
      const replaced = scripts.load(id, version, code);
      pool.warm();
      if (replaced === null) return;
      for (const guest of pool.guests()) if (matches(guest, { pluginId: id, version })) void pool.close(guest);
      pool.forget(replaced);
    },
    async evict(match) {
      await Promise.all(pool.guests().filter((guest) => matches(guest, match)).map((guest) => pool.close(guest)));
      // For all tenants: the processes need not keep the text either; it is sent again when it is needed.
      if (match.tenantId === undefined) for (const script of scripts.of(match)) pool.forget(script);
    },
    release: strikes.release,
    stats() {
      const children = pool.runners().map((runner) => ({ pid: runner.pid, kind: runner.kind, residentBytes: runner.residentBytes(), isolates: runner.guests.size, calls: runner.callCount() }));
      return {
        children,
        isolates: children.reduce((sum, { isolates }) => sum + isolates, 0),
        calls: open,
        kills: pool.kills(),
        quarantined: strikes.list(Date.now()),
        meters: meters.rows(),
      };
    },
    async close() {
      closed = true;
      await pool.end();
    },
  };
}
