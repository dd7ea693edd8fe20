import { randomBytes } from 'node:crypto';
import { assert, constantFrom, nat, property, record, string, stringMatching, uint8Array, uuid } from 'fast-check';
import t from 'tap';
import { formatKey, hintOf, parseKey, secretText } from './key-format.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-. é';
const parts = record({ environment: stringMatching(/^[a-z]{2,12}$/), keyId: uuid(), bytes: uint8Array({ minLength: 32, maxLength: 32 }) });
const runs = { numRuns: 2_000 };

t.test('a key with one character changed, left out, put in, or two exchanged is refused', async (test) => {
  assert(property(parts, nat(), nat(), constantFrom(...alphabet), ({ bytes, ...rest }, first, second, other) => {
    const key = formatKey({ ...rest, secret: secretText(bytes) });
    const [a, b] = [first % key.length, second % key.length];
    const changed = key.slice(0, a) + other + key.slice(a + 1);
    const swapped = [...key].map((character, at) => (at === a ? key[b] : at === b ? key[a] : character)).join('');
    const shorter = key.slice(0, a) + key.slice(a + 1);
    const longer = key.slice(0, a) + other + key.slice(a);
    return [changed, swapped, shorter, longer].every((wrong) => wrong === key || parseKey(wrong) === null);
  }), runs);
  test.pass();
});

t.test('every single change and every exchange in one key is refused', async (test) => {
  const key = formatKey({ environment: 'live', keyId: 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6', secret: secretText(randomBytes(32)) });
  let refused = 0;
  let tried = 0;
  const expectRefused = (wrong: string): void => {
    if (wrong === key) return;
    tried += 1;
    if (parseKey(wrong) === null) refused += 1;
  };
  for (let a = 0; a < key.length; a += 1) {
    for (const other of alphabet) expectRefused(key.slice(0, a) + other + key.slice(a + 1));
    for (let b = a + 1; b < key.length; b += 1) expectRefused(key.slice(0, a) + key[b] + key.slice(a + 1, b) + key[a] + key.slice(b + 1));
  }
  test.equal(refused, tried);
});

t.test('a key says which one it is, and nothing that is no key does', async (test) => {
  assert(property(parts, ({ bytes, ...rest }) => {
    const key = formatKey({ ...rest, secret: secretText(bytes) });
    const parsed = parseKey(key);
    return /^px_[a-z]{2,12}_[0-9A-Za-z]{71}$/.test(key) && parsed?.keyId === rest.keyId && parsed.environment === rest.environment && parsed.secret === secretText(bytes) && key.startsWith(hintOf(rest.environment, rest.keyId));
  }), runs);
  assert(property(string(), (text) => parseKey(text) === null), runs);
  for (const wrong of ['', 'px_', `px_live_${'0'.repeat(71)}`, `px_live_${'z'.repeat(71)}`]) test.equal(parseKey(wrong), null, wrong.slice(0, 12));
});
