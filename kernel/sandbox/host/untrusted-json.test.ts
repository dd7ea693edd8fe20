import t from 'tap';
import { parseUntrusted, toGuestJson } from './untrusted-json.ts';

t.test('what is not JSON is refused', async (t) => {
  for (const text of ['', '{', 'undefined', '[1,]', "{'a':1}"]) t.throws(() => parseUntrusted(text), SyntaxError, text);
});

t.test('nesting that would overflow a recursive reader is refused', async (t) => {
  t.throws(() => parseUntrusted('['.repeat(100_000) + ']'.repeat(100_000)), SyntaxError);
  t.throws(() => parseUntrusted('{"a":'.repeat(1_000) + '1' + '}'.repeat(1_000)), SyntaxError);
  t.doesNotThrow(() => parseUntrusted('['.repeat(200) + ']'.repeat(200)));
  const braces = JSON.stringify(['['.repeat(5_000), '\\"[[[', '"'.repeat(600)]);
  t.strictSame(parseUntrusted(braces), JSON.parse(braces), 'brackets in strings do not count');
});

t.test('keys that reach a prototype are dropped, however they are spelt', async (t) => {
  for (const text of ['{"__proto__":{"x":1},"a":1}', '{"\\u005f_proto__":{"x":1},"a":1}', '{"constructor":{"prototype":{"x":1}},"a":1}']) {
    const found = parseUntrusted(text) as object;
    t.strictSame(Object.keys(found), ['a'], text);
    t.equal(({ ...Object.assign({}, found) } as { x?: unknown }).x, undefined);
  }
  t.strictSame(parseUntrusted('{"constructor":"Ford","a":"__proto__"}'), { constructor: 'Ford', a: '__proto__' }, 'ordinary data stays');
  t.strictSame(JSON.parse(toGuestJson(JSON.parse('{"b":[{"__proto__":{"x":1}}]}'))), { b: [{}] });
  t.equal(toGuestJson(undefined), 'null');
});
