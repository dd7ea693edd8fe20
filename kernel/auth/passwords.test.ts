import t from 'tap';
import { requireStrongPassword } from './password-strength.ts';
import { openPasswords, requirePasswordText } from './passwords.ts';

const invalid = { code: 'VALIDATION_ERROR' };

t.test('control characters, NUL and endless passwords are refused', async (test) => {
  for (const password of ['', 'a\0b', 'a\nb', 'a\u007f', '\ud800', 'x'.repeat(1025)]) test.throws(() => requirePasswordText(password), invalid);
  requirePasswordText('Пароль из слов 🔑');
});

t.test('a wrong password does not verify, whatever trick it plays on bcrypt', async (test) => {
  const passwords = await openPasswords({ cost: 4 });
  const long = 'x'.repeat(72);
  const stored = await passwords.hash('secret');
  const storedLong = await passwords.hash(`${long}a`);
  for (const [password, hash] of [['Secret', stored], ['secret\0', stored], ['secret\0secret', stored], ['', stored], [long, storedLong], [`${long}b`, storedLong]] as const) {
    test.same(await passwords.verify(password, hash), { ok: false, outdated: false }, JSON.stringify(password));
  }
  test.same(await passwords.verify('secret', null), { ok: false, outdated: false });
  test.match(await passwords.verify('secret', 'no hash'), { ok: false });
  test.match(await passwords.verify('secret', stored), { ok: true });
  test.match(await passwords.verify(`${long}a`, storedLong), { ok: true }, 'what bcrypt would cut off counts');
});

t.test('letters composed differently are one password', async (test) => {
  const passwords = await openPasswords({ cost: 4 });
  test.match(await passwords.verify('e\u0301', await passwords.hash('\u00e9')), { ok: true });
});

t.test('a hash of another cost asks to be renewed', async (test) => {
  const [cheap, dear] = [await openPasswords({ cost: 4 }), await openPasswords({ cost: 5 })];
  test.same(await dear.verify('x', await cheap.hash('x')), { ok: true, outdated: true });
});

t.test('a guessable password is refused with advice', async (test) => {
  for (const password of ['password1', 'qwertyuiop', 'lovelace1990', 'proofpix', '11111111111', 'abcdefgh', 'Passw0rd!']) {
    await test.rejects(requireStrongPassword(password, ['ada.lovelace@example.com', 'Ada', 'Lovelace']), { ...invalid, details: { field: 'body.password' } }, password);
  }
  const error = await requireStrongPassword('password', []).catch((thrown: unknown) => thrown);
  test.match(error, { message: /too easy to guess\. \S/ });
  await requireStrongPassword('plum-Ladder-41-quartz', ['ada@example.com']);
});
