import t from 'tap';
import { Conflict } from '@proofpix/sdk';
import { testManifest } from '../../test/support/manifest.ts';
import { silent } from '../../test/support/messaging.ts';
import type { Cell } from '../http/contract.ts';
import { limitsFor, type PluginVersion } from './installed-plugin.ts';
import { openLifecycle, type LifecycleSteps } from './lifecycle.ts';

const manifest = testManifest({ id: 'notes' });
const version: PluginVersion = { manifest, trust: 'third-party', runtime: 'sandboxed', limits: limitsFor(manifest, 'third-party'), operatorGrants: [], prefixes: [] };

function steps(change: Partial<LifecycleSteps> = {}) {
  const done: string[] = [];
  const note = (what: string) => async () => void done.push(what);
  const cell = { pluginId: 'notes', version: manifest.version, drain: note('drain') } as unknown as Cell;
  const given: LifecycleSteps = { validate: () => void done.push('validate'), migrate: note('migrate'), load: note('load'), unload: note('unload'), build: async () => (done.push('build'), cell), ...change };
  return { done, cell, lifecycle: openLifecycle(given, silent) };
}

t.test('a step that fails names itself, gives back what was taken, and leaves no cell', async (t) => {
  const { done, lifecycle } = steps({ build: () => Promise.reject(Conflict({ message: 'two routes on one path' })) });
  t.equal(await lifecycle.start(version), false);
  t.match(lifecycle.status('notes', manifest.version), { state: 'failed', problem: { step: 'starting', code: 'CONFLICT', message: 'two routes on one path' } });
  t.equal(lifecycle.cell('notes', manifest.version), null);
  t.strictSame(done, ['validate', 'migrate', 'load', 'unload']);
});

t.test('what is unknown is not told', async (t) => {
  const { lifecycle } = steps({ migrate: () => Promise.reject(new Error('password of the database')) });
  await lifecycle.start(version);
  t.match(lifecycle.status('notes', manifest.version).problem, { code: 'INTERNAL_SERVER_ERROR', step: 'migrating' });
  t.notMatch(JSON.stringify(lifecycle.status('notes', manifest.version)), /password/);
});

t.test('a failed version may be tried again', async (t) => {
  let isBroken = true;
  const { lifecycle } = steps({ migrate: () => (isBroken ? Promise.reject(new Error('not now')) : Promise.resolve()) });
  t.equal(await lifecycle.start(version), false);
  isBroken = false;
  t.equal(await lifecycle.start(version), true);
  t.match(lifecycle.status('notes', manifest.version), { state: 'ready', problem: null });
});

t.test('starts at the same moment are one start', async (t) => {
  const { done, lifecycle, cell } = steps();
  t.strictSame(await Promise.all([lifecycle.start(version), lifecycle.start(version), lifecycle.start(version)]), [true, true, true]);
  t.strictSame(done, ['validate', 'migrate', 'load', 'build']);
  t.equal(lifecycle.cell('notes', manifest.version), cell);
});

t.test('a version that is wanted again while it drains is not taken away', async (t) => {
  const drained = Promise.withResolvers<void>();
  const { done, lifecycle } = steps();
  await lifecycle.start(version);
  const slow = lifecycle.cell('notes', manifest.version) as { drain: unknown };
  slow.drain = () => drained.promise;
  const stopping = lifecycle.stop(version, 1000);
  t.equal(await lifecycle.start(version), true);
  drained.resolve();
  await stopping;
  t.equal(lifecycle.status('notes', manifest.version).state, 'ready');
  t.notOk(done.includes('unload'));
});
