import { type JsonObject, toWireError } from '@proofpix/sdk';

/** A before-hook of one plugin at a point. */
export interface HookDeclaration {
  pluginId: string;
  /** lower runs first; ties by plugin id */
  order: number;
  /** 10 to 10,000 */
  timeoutMs: number;
  /** what a failure or timeout does: `open` goes on without the hook, `closed` refuses */
  onFailure: 'open' | 'closed';
}

/** What a hook answers: a patch (merged one level deep), a refusal, or nothing. */
export type HookAnswer = void | null | { patch: JsonObject } | { refuse: { code: string; message: string } };

export interface HookOutcome {
  pluginId: string;
  result: 'passed' | 'patched' | 'refused' | 'failed' | 'timed-out';
  durationMs: number;
  /** why it failed, as an error code and message that may be shown to the tenant */
  error: { code: string; message: string } | null;
}

export interface HookRun {
  /** as patched so far; unchanged by a hook that failed */
  payload: JsonObject;
  refusal: { pluginId: string; code: string; message: string } | null;
  outcomes: HookOutcome[];
}

export interface RunHooksOptions<H extends HookDeclaration> {
  hooks: readonly H[];
  payload: JsonObject;
  /** Calls the hook; the signal is aborted when its time is up. */
  invoke(hook: H, payload: JsonObject, signal: AbortSignal): Promise<HookAnswer>;
  /** Checks a patched payload against the point's schema: null when it fits, else what is wrong. */
  validate(payload: JsonObject): string | null;
}

const timedOut = { code: 'DEADLINE_EXCEEDED', message: 'The hook took longer than it may.' };
const unsafeKeys = new Set(['__proto__', 'constructor', 'prototype']);

async function ask<H extends HookDeclaration>(options: RunHooksOptions<H>, hook: H, payload: JsonObject): Promise<HookAnswer> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort(timedOut);
      reject(timedOut);
    }, hook.timeoutMs);
  });
  try {
    return await Promise.race([options.invoke(hook, payload, controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

function merged(payload: JsonObject, patch: unknown): JsonObject | string {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return 'The patch is no object.';
  const unsafe = Object.keys(patch).find((key) => unsafeKeys.has(key));
  return unsafe === undefined ? { ...payload, ...(patch as JsonObject) } : `The patch may not set ${unsafe}.`;
}

/**
 * Runs the hooks of a point in order, each on what the ones before it left. The first refusal ends the run; a hook
 * that fails, is late or patches into something invalid counts by its `onFailure`. Never throws.
 */
export async function runHooks<H extends HookDeclaration>(options: RunHooksOptions<H>): Promise<HookRun> {
  const outcomes: HookOutcome[] = [];
  let { payload } = options;
  const ordered = options.hooks.toSorted((a, b) => a.order - b.order || (a.pluginId < b.pluginId ? -1 : 1));
  for (const hook of ordered) {
    const startedAt = performance.now();
    const report = (result: HookOutcome['result'], error: HookOutcome['error'] = null): void =>
      void outcomes.push({ pluginId: hook.pluginId, result, durationMs: performance.now() - startedAt, error });
    try {
      // a copy, so that a hook in this process cannot change the payload behind our back
      const answer = await ask(options, hook, structuredClone(payload));
      if (answer && 'refuse' in answer) {
        const { code, message } = answer.refuse;
        report('refused', { code, message });
        return { payload, refusal: { pluginId: hook.pluginId, code, message }, outcomes };
      }
      if (!answer || !('patch' in answer)) {
        report('passed');
        continue;
      }
      const next = merged(payload, answer.patch);
      const problem = typeof next === 'string' ? next : options.validate(next);
      if (typeof next === 'string' || problem !== null) throw { code: 'HOOK_PATCH_INVALID', kind: 'invalid', message: problem ?? String(next) };
      payload = next;
      report('patched');
    } catch (error) {
      const { code, message } = error === timedOut ? timedOut : toWireError(error);
      report(error === timedOut ? 'timed-out' : 'failed', { code, message });
      if (hook.onFailure === 'closed') return { payload, refusal: { pluginId: hook.pluginId, code: 'HOOK_FAILED', message: `A hook of ${hook.pluginId} failed, and nothing goes on without it.` }, outcomes };
    }
  }
  return { payload, refusal: null, outcomes };
}
