import t from 'tap';
import { isError } from '@proofpix/sdk';
import { solve, startOrder, type Candidate } from './solver.ts';

const catalogue = (...candidates: readonly [string, string, Record<string, string>?, string?][]) => {
  const all: Candidate[] = candidates.map(([id, version, needs = {}, engine = '^1.0.0']) => ({ id, version, engine, dependencies: Object.fromEntries(Object.entries(needs).map(([name, range]) => [name, { range }])) }));
  return (id: string) => all.filter((candidate) => candidate.id === id);
};
const engine = { engine: '1.0.0' };
const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (isError(error, 'DEPENDENCY_UNSOLVABLE')) return (error as Error).message;
    throw error;
  }
  return 'was not refused';
};

t.test('an impossible wish is refused in a sentence', async (t) => {
  t.equal(refusal(() => solve({ id: 'a', range: '*' }, catalogue(['a', '1.0.0', { b: '^2' }], ['b', '1.5.0']), engine)), 'a 1.0.0 needs b ^2, but there is only 1.5.0.');
  t.equal(refusal(() => solve({ id: 'a', range: '*' }, catalogue(['a', '1.0.0', { b: '^2' }]), engine)), 'a 1.0.0 needs b ^2, but there is no plugin b.');
  t.match(refusal(() => solve({ id: 'a', range: '*' }, catalogue(['a', '1.0.0', {}, '^2.0.0']), engine)), /no version of a runs on engine 1\.0\.0/);
  t.match(refusal(() => solve({ id: 'a', range: '*' }, catalogue(['a', '1.0.0', { b: '*', c: '*' }], ['b', '1.0.0', { d: '^1' }], ['c', '1.0.0', { d: '^2' }], ['d', '1.0.0'], ['d', '2.0.0']), engine)), /b 1\.0\.0 needs d \^1 and c 1\.0\.0 needs d \^2/);
});

t.test('a cycle is refused by name', async (t) => {
  t.match(refusal(() => solve({ id: 'a', range: '*' }, catalogue(['a', '1.0.0', { b: '*' }], ['b', '1.0.0', { a: '*' }]), engine)), /cycle: a → b → a/);
});

t.test('it backtracks to an older version when the newest does not fit, and says why', async (t) => {
  const solution = solve({ id: 'a', range: '^1' }, catalogue(['a', '1.0.0', { b: '*', c: '^1' }], ['b', '2.0.0', { c: '^2' }], ['b', '1.0.0', { c: '^1' }], ['c', '1.2.0'], ['c', '2.0.0']), engine);
  t.strictSame([...solution.versions].toSorted(), [['a', '1.0.0'], ['b', '1.0.0'], ['c', '1.2.0']]);
  t.strictSame(solution.order, ['c', 'b', 'a']);
  t.equal(solution.reasons.get('c'), 'c 1.2.0: a 1.0.0 needs ^1, b 1.0.0 needs ^1');
});

t.test('what is installed is kept while it fits, and an absent optional dependency is no obstacle', async (t) => {
  const available = catalogue(['a', '1.0.0', { b: '*' }], ['b', '1.0.0'], ['b', '1.1.0']);
  t.equal(solve({ id: 'a', range: '*' }, available, { ...engine, installed: new Map([['b', '1.0.0']]) }).versions.get('b'), '1.0.0');
  const optional = (id: string): Candidate[] => (id === 'a' ? [{ id: 'a', version: '1.0.0', engine: '^1', dependencies: { z: { range: '*', optional: true } } }] : []);
  t.strictSame([...solve({ id: 'a', range: '*' }, optional, engine).versions.keys()], ['a']);
});

t.test('a hostile graph ends in a refusal, not in a hang', async (t) => {
  const wide: [string, string, Record<string, string>][] = [];
  for (let level = 0; level < 12; level++) for (let version = 1; version <= 6; version++) wide.push([`p${level}`, `${version}.0.0`, level === 11 ? { none: '^9' } : { [`p${level + 1}`]: '*' }]);
  t.match(refusal(() => solve({ id: 'p0', range: '*' }, catalogue(...wide), engine)), /too entangled|there is no plugin none/);
});

t.test('start order without dependencies is by id', async (t) => {
  t.strictSame(startOrder(catalogue(['b', '1.0.0'])('b').concat(catalogue(['a', '1.0.0'])('a'))), ['a', 'b']);
});
