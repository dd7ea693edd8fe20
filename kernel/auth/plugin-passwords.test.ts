import t from 'tap';
import { openPluginPasswords } from './plugin-passwords.ts';

const passwords = openPluginPasswords({ cost: 4 });

t.test('what is no password is refused; what is no hash, or costs too much, matches nothing', async (test) => {
  for (const bad of ['', 'a\u0000b', 'a\nb', '\ud800', 'x'.repeat(1025)]) {
    await test.rejects(passwords.hash(bad), { code: 'VALIDATION_ERROR', details: { field: 'password' } });
    test.equal(await passwords.verify(bad, await passwords.hash('x')), false);
  }
  const hash = await passwords.hash('right');
  for (const bad of [null, '', 'right', '$2b$04$short', hash.replace('$04$', '$31$'), hash.replace('$04$', '$13$'), `${hash}x`]) test.equal(await passwords.verify('right', bad), false, String(bad));
});

t.test('a hash holds for its password alone, whose end counts however long it is', async (test) => {
  const long = 'é'.repeat(200);
  const hash = await passwords.hash(long);
  test.match(hash, /^\$2[aby]\$04\$/);
  test.not(await passwords.hash(long), hash, 'salted');
  test.equal(await passwords.verify(long, hash), true);
  test.equal(await passwords.verify(`${long}e`, hash), false);
  test.equal(await passwords.verify('e\u0301'.repeat(200), hash), true, 'however the letters were composed');
});

t.test('more than may wait are told to come back', async (test) => {
  const all = await Promise.allSettled(Array.from({ length: 80 }, () => passwords.hash('many')));
  const refused = all.filter((one) => one.status === 'rejected');
  test.equal(refused.length, 28);
  test.match(refused[0], { reason: { code: 'UNAVAILABLE', retryAfterSeconds: 2 } });
});
