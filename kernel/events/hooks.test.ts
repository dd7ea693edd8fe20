import t from 'tap';
import type { JsonObject } from '@proofpix/sdk';
import { type HookAnswer, type HookDeclaration, runHooks } from './hooks.ts';

type TestHook = HookDeclaration & { handler: (payload: JsonObject, signal: AbortSignal) => HookAnswer | Promise<HookAnswer> };
const hook = (pluginId: string, handler: TestHook['handler'], change: Partial<HookDeclaration> = {}): TestHook => ({ pluginId, order: 0, timeoutMs: 1_000, onFailure: 'open', handler, ...change });
const run = (hooks: TestHook[], payload: JsonObject = { title: 'a' }) =>
  runHooks({
    hooks,
    payload,
    invoke: async (one, seen, signal) => one.handler(seen, signal),
    validate: (patched) => (typeof patched['title'] === 'string' ? null : 'title must be a string'),
  });

const broken = (): never => {
  throw new Error('secret path /etc');
};
const add = (name: string) => (payload: JsonObject): HookAnswer => ({ patch: { title: `${payload['title']}${name}` } });

t.test('a refusal ends the run with the plugin that refused, and undoes nothing before it', async (t) => {
  const asked: string[] = [];
  const done = await run([
    hook('first', () => (asked.push('first'), { patch: { seen: true } })),
    hook('second', () => (asked.push('second'), { refuse: { code: 'TOO_LOUD', message: 'Quiet please.' } }), { order: 1 }),
    hook('third', () => void asked.push('third'), { order: 2 }),
  ]);
  t.same(done.refusal, { pluginId: 'second', code: 'TOO_LOUD', message: 'Quiet please.' });
  t.same(done.payload, { title: 'a', seen: true });
  t.same(asked, ['first', 'second']);
  t.same(done.outcomes.map(({ pluginId, result }) => [pluginId, result]), [['first', 'patched'], ['second', 'refused']]);
});

t.test('a failure refuses when the hook says closed, and is passed over when it says open', async (t) => {
  const closed = await run([hook('guard', broken, { onFailure: 'closed' })]);
  t.match(closed.refusal, { pluginId: 'guard', code: 'HOOK_FAILED' });
  t.notMatch(JSON.stringify(closed), /secret path/, 'what was thrown stays inside');
  const open = await run([hook('helper', broken), hook('later', () => ({ patch: { title: 'b' } }), { order: 1 })]);
  t.equal(open.refusal, null);
  t.same(open.payload, { title: 'b' });
  t.same(open.outcomes.map(({ result }) => result), ['failed', 'patched']);
});

t.test('a late hook is cut off, told so, and what it answers later is ignored', async (t) => {
  let aborted = false;
  const never = (_payload: JsonObject, signal: AbortSignal): Promise<HookAnswer> =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        aborted = true;
        resolve({ patch: { title: 'late' } });
      });
    });
  const done = await run([hook('slow', never, { timeoutMs: 20 })]);
  t.equal(aborted, true);
  t.same(done.payload, { title: 'a' });
  t.match(done.outcomes[0], { result: 'timed-out', error: { code: 'DEADLINE_EXCEEDED' } });
  const closed = await run([hook('slow', never, { timeoutMs: 20, onFailure: 'closed' })]);
  t.match(closed.refusal, { code: 'HOOK_FAILED' });
});

t.test('a patch that makes the payload invalid, or reaches for the prototype, counts as a failure', async (t) => {
  const patches: unknown[] = [{ title: 7 }, JSON.parse('{"__proto__": {"admin": true}}'), { constructor: 1 }, 'text', ['x']];
  for (const patch of patches) {
    const done = await run([hook('bad', () => ({ patch }) as HookAnswer)]);
    t.same(done.payload, { title: 'a' }, JSON.stringify(patch));
    t.match(done.outcomes[0], { result: 'failed', error: { code: 'HOOK_PATCH_INVALID' } });
  }
  t.equal(({} as { admin?: boolean }).admin, undefined);
});

t.test('hooks run by order, then by plugin id, each on what the ones before it left', async (t) => {
  const done = await run([hook('z', add('3'), { order: 5 }), hook('b', add('2')), hook('a', add('1')), hook('y', add('0'), { order: -5 })], { title: '' });
  t.same(done.payload, { title: '0123' });
});

t.test('a hook in this process cannot change the payload behind our back', async (t) => {
  const given = { title: 'a', tags: ['x'] };
  const done = await run([hook('sly', (payload) => void (payload['tags'] as string[]).push('y'))], given);
  t.same(done.payload, { title: 'a', tags: ['x'] });
  t.same(given.tags, ['x']);
});
