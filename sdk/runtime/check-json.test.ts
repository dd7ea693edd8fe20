import t from 'tap';
import { type PluginError, isError } from '../errors.ts';
import { checkJson, maxJsonDepth } from './check-json.ts';

function refusal(value: unknown): PluginError {
  try {
    checkJson(value, 'result');
  } catch (error) {
    t.ok(isError(error, 'VALIDATION_ERROR'));
    return error as PluginError;
  }
  throw new Error('was accepted');
}

t.test('refuses what JSON cannot hold, and says where', async (test) => {
  class Point {
    x = 1;
  }
  const cases: [unknown, string, RegExp][] = [
    [undefined, 'result', /undefined/],
    [() => 1, 'result', /function/],
    [1n, 'result', /bigint/],
    [Symbol('a'), 'result', /symbol/],
    [Number.NaN, 'result', /NaN/],
    [{ a: Number.POSITIVE_INFINITY }, 'result.a', /Infinity/],
    [{ list: [1, undefined] }, 'result.list[1]', /undefined/],
    // oxlint-disable-next-line no-sparse-arrays
    [[1, , 2], 'result[1]', /undefined/],
    [{ 'a b': [{ at: new Date(0) }] }, 'result["a b"][0].at', /Date/],
    [{ m: new Map() }, 'result.m', /Map/],
    [new Uint8Array(2), 'result', /Uint8Array/],
    [{ p: new Point() }, 'result.p', /Point/],
    [new Error('x'), 'result', /Error/],
    [{ toJSON: () => 1 }, 'result.toJSON', /function/],
    [JSON.parse('{"a":{"__proto__":{"admin":true}}}'), 'result.a.__proto__', /__proto__/],
    [Object.create({ inherited: 1 }), 'result', /is not JSON/],
  ];
  for (const [value, field, issue] of cases) {
    const error = refusal(value);
    test.equal(error.details?.field, field);
    test.match(error.details?.issue, issue);
  }
});

t.test('refuses cycles and nesting beyond the limit', async (test) => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  test.match(refusal(cycle).details?.issue, /circular/);
  let deep: unknown = 1;
  for (let i = 0; i < maxJsonDepth; i++) deep = [deep];
  checkJson(deep, 'result');
  test.match(refusal([deep]).details?.issue, /deeper than 64/);
});

t.test('accepts JSON, optional fields and objects without a prototype', async (test) => {
  const bare: Record<string, unknown> = Object.create(null);
  bare.a = [1, 'x', null, true, { b: [] }];
  for (const value of [null, 0, -0, '', false, [], {}, bare, { a: undefined }, [{ a: { b: { c: 'd' } } }]]) test.doesNotThrow(() => checkJson(value, 'result'));
});
