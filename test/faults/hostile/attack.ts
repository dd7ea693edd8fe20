import type { Json } from '@proofpix/sdk';
import { invocation, type Recorded, recordingSession, target } from '../../../kernel/sandbox/fixtures/calls.ts';
import { bundle, type Sandbox } from '../../../kernel/sandbox/index.ts';
import { attacks } from './attacks.ts';

/** The hostile plugin as a script. */
export const hostileCode = async (): Promise<string> => (await bundle(new URL('plugin.ts', import.meta.url).pathname)).code;

export const handler = (name: string): string => `service:hostile.run.${name}`;

export interface Attacked {
  pluginId: string;
  session: Recorded;
  /** null for an answer */
  code: string | null;
  answer: Json | undefined;
  details: { budget?: string } | undefined;
  tookMs: number;
  /** What it took after the budget that ends it was used up; null where nobody can tell when that was. */
  beyondMs: number | null;
}

function failing(_name: string, args: readonly Json[]): Json {
  if (args[0] === 'fail') throw new Error('secret of /srv/app/kernel.ts');
  return args[0] ?? null;
}

/** Runs one attack as a plugin of its own, in an isolate that has served a call before: what is measured is the attack. */
export async function attack(sandbox: Sandbox, code: string, name: string, pluginId = `hostile-${name.toLowerCase().replace('_', '-')}`): Promise<Attacked> {
  const expected = attacks[name];
  if (expected === undefined) throw new Error(`There is no attack ${name}`);
  sandbox.load({ id: pluginId, version: '1.0.0', code });
  const plugin = target(pluginId, 'tenant-a', { idempotent: false, ...(expected.cpuMs === undefined ? {} : { budgets: { cpuMs: expected.cpuMs } }) });
  await sandbox.invoke(plugin, invocation(handler('ok'), 1), recordingSession());

  const session = recordingSession(failing);
  const from = performance.now();
  const outcome = await sandbox.invoke(plugin, invocation(handler(expected.method ?? name), expected.input ?? null, { timeoutMs: expected.timeoutMs ?? 15_000 }), session).then(
    (answer) => ({ code: null, answer, details: undefined }),
    (error: { code: string; details?: { budget?: string } }) => ({ code: error.code, answer: undefined, details: error.details }),
  );
  const tookMs = performance.now() - from;
  return { pluginId, session, ...outcome, tookMs, beyondMs: expected.withinMs === null ? null : tookMs - (expected.withinMs ?? 0) };
}
