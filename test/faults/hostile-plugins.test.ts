import t from 'tap';
import { invocation, recordingLog, recordingSession, target, limits } from '../../kernel/sandbox/fixtures/calls.ts';
import { openSandbox, type Strike } from '../../kernel/sandbox/index.ts';
import { attack, handler, hostileCode } from './hostile/attack.ts';
import { attacks } from './hostile/attacks.ts';

/**
 * Every attack runs against a real sandbox while a plugin of another tenant keeps being called in
 * the same one. Each must end within its budget plus 250 ms. On a machine with other work a try may
 * be held up, which says nothing of the sandbox: one of three has to be in time. `npm run bench`
 * has the figures.
 */
const slackMs = 250;
const tries = 3;
const serverPid = process.pid;
const log = recordingLog();
const strikes: Strike[] = [];
const code = await hostileCode();
const sandbox = await openSandbox({ log, onStrike: (strike) => strikes.push(strike) });

// The neighbour: called all the time, from another tenant. It must never notice anything.
const neighbour = { stop: false, calls: 0, errors: [] as unknown[], slowestMs: 0, ended: Promise.resolve() };
sandbox.load({ id: 'neighbour', version: '1.0.0', code });
async function keepCalling(): Promise<void> {
  while (!neighbour.stop) {
    const from = performance.now();
    try {
      const answer = await sandbox.invoke(target('neighbour', 'tenant-b'), invocation(handler('kv'), 'still here', { tenantId: 'tenant-b' }), recordingSession());
      if (answer !== 'still here') neighbour.errors.push(answer);
      neighbour.calls++;
    } catch (error) {
      neighbour.errors.push(error);
    }
    neighbour.slowestMs = Math.max(neighbour.slowestMs, performance.now() - from);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
neighbour.ended = keepCalling();

const strikesOf = (plugin: string): Strike[] => strikes.filter(({ pluginId }) => pluginId === plugin);

for (const [name, expected] of Object.entries(attacks)) {
  t.test(name, async (t) => {
    const errorsBefore = neighbour.errors.length;
    const strikesBefore = strikes.length;
    const { pluginId, session, beyondMs, tookMs, ...outcome } = await attack(sandbox, code, name);

    t.ok([expected.code].flat().includes(outcome.code), `ended as it should: ${JSON.stringify(outcome).slice(0, 200)}`);
    if (expected.budget !== undefined) t.equal(outcome.details?.budget, expected.budget);
    if (expected.answer !== undefined) t.strictSame(outcome.answer, expected.answer);
    t.ok(session.calls.length <= limits.hostCalls, 'no more host calls than its budget');
    t.ok(session.notes.length <= 1_000, 'log lines are bounded');
    t.equal(({} as { polluted?: unknown }).polluted, undefined, 'no prototype of the server is touched');

    // Strikes are counted when it is known how the isolate went.
    for (let i = 0; i < 100 && strikes.length === strikesBefore && expected.strikes !== undefined; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    const reasons = strikes.slice(strikesBefore).filter((strike) => strike.pluginId === pluginId).map(({ reason }) => reason);
    if (expected.strikes === undefined || (expected.mayGoUnpunished === true && reasons.length === 0)) t.strictSame(reasons, [], 'no strike');
    else t.ok(reasons.length === 1 && expected.strikes.includes(reasons[0] as string), `one strike: ${reasons.join()}`);

    const again = await sandbox.invoke(target(pluginId, 'tenant-a'), invocation(handler('ok'), 2, { timeoutMs: 2_000 }), recordingSession()).catch((error: { code: string }) => error.code);
    if (name !== 'built_ins') t.equal(again, 2, 'the plugin works again afterwards');
    t.strictSame(neighbour.errors.slice(errorsBefore), [], 'the neighbour noticed nothing');
    t.equal(process.pid, serverPid);

    let [best, left] = [beyondMs, tries - 1];
    while (best !== null && best > slackMs && left-- > 0) best = Math.min(best, (await attack(sandbox, code, name, `${pluginId}-${left}`)).beyondMs ?? 0);
    t.ok(best === null || best <= slackMs, `contained after ${tookMs.toFixed(0)} ms, at best ${best?.toFixed(0)} ms beyond its budget`);
  });
}

t.test('a plugin that broke its own built-ins gets a new isolate', async (t) => {
  sandbox.load({ id: 'hostile-broken', version: '1.0.0', code });
  const call = async (name: string): Promise<unknown> => await sandbox.invoke(target('hostile-broken'), invocation(handler(name), 1, { timeoutMs: 400 }), recordingSession()).catch((error: { code: string }) => error.code);
  t.equal(await call('ok'), 1);
  t.equal(await call('built_ins'), 'DEADLINE_EXCEEDED');
  t.equal(await call('ok'), 'DEADLINE_EXCEEDED');
  t.equal(await call('ok'), 'DEADLINE_EXCEEDED');
  let answer: unknown = null;
  for (let i = 0; i < 20 && answer !== 1; i++) answer = await call('ok');
  t.equal(answer, 1);
});

t.test('the third strike within ten minutes is a quarantine, until it is lifted', async (t) => {
  sandbox.load({ id: 'hostile-again', version: '1.0.0', code });
  const plugin = target('hostile-again', 'tenant-a', { budgets: { cpuMs: 20 } });
  for (let n = 1; n <= 3; n++) {
    await t.rejects(sandbox.invoke(plugin, invocation(handler('loop'), null), recordingSession()), { code: 'BUDGET_EXCEEDED' });
    for (let i = 0; i < 200 && strikesOf('hostile-again').length < n; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    t.equal(strikesOf('hostile-again').length, n);
  }
  t.type(strikesOf('hostile-again')[2]?.quarantinedUntilMs, 'number');
  await t.rejects(sandbox.invoke(plugin, invocation(handler('ok'), 1), recordingSession()), { code: 'PLUGIN_QUARANTINED', kind: 'unavailable' });
  t.equal(await sandbox.invoke(target('hostile-again', 'tenant-c'), invocation(handler('ok'), 1, { tenantId: 'tenant-c' }), recordingSession()), 1, 'another tenant still has it');
  t.match(sandbox.stats().quarantined, [{ pluginId: 'hostile-again', tenantId: 'tenant-a' }]);
  sandbox.release({ pluginId: 'hostile-again' });
  t.equal(await sandbox.invoke(plugin, invocation(handler('ok'), 1), recordingSession()), 1);
});

t.test('the neighbour was served throughout', async (t) => {
  neighbour.stop = true;
  await neighbour.ended;
  t.strictSame(neighbour.errors, []);
  t.ok(neighbour.calls > 100, `${neighbour.calls} calls, the slowest took ${neighbour.slowestMs.toFixed(0)} ms`);
  t.equal(log.lines.filter(({ level }) => level === 'error').every(({ message }) => message === 'a host call of a plugin failed'), true, 'nothing went wrong in the server');
  await sandbox.close();
});
