import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { deriveKey, masterKeyFrom } from './master-key.ts';

t.test('anything but 32 bytes in base64 or hex is refused, naming MASTER_KEY', async (test) => {
  for (const value of ['short', 'ab'.repeat(31), 'ab'.repeat(33), 'zz'.repeat(32), Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64')]) {
    await test.rejects(masterKeyFrom({ value, dataDir: '/nonexistent', embedded: true }), /MASTER_KEY/, value);
  }
});

t.test('an external database needs the key to be set', async (test) => {
  await test.rejects(masterKeyFrom({ value: undefined, dataDir: test.testdir(), embedded: false }), /MASTER_KEY is required/);
  await test.rejects(masterKeyFrom({ value: ' ', dataDir: test.testdir(), embedded: false }), /MASTER_KEY is required/);
});

t.test('a damaged key file stops the boot instead of making another key', async (test) => {
  const dataDir = test.testdir({ 'master-key': 'AAAA' });
  await test.rejects(masterKeyFrom({ value: undefined, dataDir, embedded: true }), /damaged/);
  test.equal(await readFile(join(dataDir, 'master-key'), 'utf8'), 'AAAA');
});

t.test('hex and base64 give the same key', async (test) => {
  const key = Buffer.alloc(32, 0xfb);
  for (const value of [key.toString('hex'), key.toString('base64'), key.toString('base64url'), `${key.toString('base64')}\n`]) {
    test.same(await masterKeyFrom({ value, dataDir: '/nonexistent', embedded: false }), key);
  }
});

t.test('the key is made once, also by several processes at once, and only its owner may read it', async (test) => {
  const dataDir = join(test.testdir(), 'deep', 'data');
  const keys = await Promise.all(Array.from({ length: 8 }, () => masterKeyFrom({ value: undefined, dataDir, embedded: true })));
  test.equal(new Set(keys.map((key) => key.toString('hex'))).size, 1);
  test.equal((await stat(join(dataDir, 'master-key'))).mode & 0o777, 0o600);
  test.same(await masterKeyFrom({ value: undefined, dataDir, embedded: true }), keys[0]);
});

t.test('a key for one purpose differs from the others', async (test) => {
  const master = Buffer.alloc(32, 1);
  test.not(deriveKey(master, 'a').toString('hex'), deriveKey(master, 'b').toString('hex'));
  test.same(deriveKey(master, 'a'), deriveKey(master, 'a'));
});
