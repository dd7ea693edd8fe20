import { mkdir, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { openDatabase } from '../../database/index.ts';
import type { Signals } from '../../events/contract.ts';
import { quietLog, testDatabaseUrl, testMasterKey } from '../../../test/support/database.ts';
import { until } from '../../../test/support/messaging.ts';
import type { Scratch } from './contract.ts';
import { frameBytes, sealedFrameBytes } from './frames.ts';
import type { ScratchLimits } from './accounts.ts';
import { openScratch } from './open-scratch.ts';

const database = await openDatabase({ url: await testDatabaseUrl(t), dataDir: '', masterKey: testMasterKey, log: quietLog, poolMax: 2 });
t.teardown(() => database.close());
const dataDir = await mkdtemp(join(tmpdir(), 'proofpix-scratch-'));
t.teardown(() => rm(dataDir, { recursive: true, force: true }));
const listeners = new Set<() => void>();
const signals: Signals = {
  async raise() {
    for (const listener of listeners) listener();
  },
  on(_topic, listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
const owner = { tenantId: '0199a000-0000-7000-8000-000000000001', pluginId: 'ephemeral' };
const stranger = { ...owner, tenantId: '0199a000-0000-7000-8000-000000000002' };
const minute = 60_000;

async function opened(test: { teardown(fn: () => unknown): void }, limits: Partial<ScratchLimits> = {}, dir = dataDir): Promise<Scratch> {
  const scratch = await openScratch({ dataDir: dir, database, signals, log: quietLog, limits });
  test.teardown(() => scratch.close());
  return scratch;
}

async function put(scratch: Scratch, session: string, name: string, content: Uint8Array): Promise<void> {
  const writer = await scratch.write(owner, session, name, { declaredType: 'text/plain', maxBytes: 10_000_000 });
  await writer.write(content);
  await writer.finish();
}

async function all(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

async function filesBelow(dir: string): Promise<string[]> {
  return (await readdir(dir, { recursive: true, withFileTypes: true })).filter((one) => one.isFile() && one.name !== 'owner.json').map((one) => join(one.parentPath, one.name));
}

t.test('what is written comes back, and only ciphertext is on disk', async (t) => {
  const scratch = await opened(t);
  const { id } = await scratch.create(owner, minute);
  for (const size of [0, 1, frameBytes - 1, frameBytes, frameBytes + 1, 3 * frameBytes, 200_000]) {
    const content = Buffer.alloc(size, 'CANARY-in-the-content ');
    await put(scratch, id, 'upload', content);
    t.ok((await all(scratch.read(owner, id, 'upload'))).equals(content), `${size} bytes`);
    const handle = scratch.share(owner, id, 'upload', minute);
    const reader = { ...owner, pluginId: 'parsers', confined: true };
    for (const range of [{ start: 0, end: 10 }, { start: frameBytes - 5, end: frameBytes + 5 }, { start: 70_000, end: null }]) {
      t.ok((await all(scratch.open(reader, handle, range))).equals(content.subarray(range.start, range.end ?? undefined)), `${size} bytes from ${range.start}`);
    }
  }
  const files = await filesBelow(join(dataDir, 'scratch'));
  t.equal(files.length, 1, 'a file that was replaced is gone');
  for (const file of files) t.notOk((await readFile(file)).includes('CANARY'));
});

t.test('a file that was cut, mixed up or changed does not open', async (t) => {
  const scratch = await opened(t);
  const { id } = await scratch.create(owner, minute);
  const content = Buffer.alloc(4 * frameBytes, 7);
  const pathOf = async (): Promise<string> => (await filesBelow(join(dataDir, 'scratch'))).find((file) => file.includes(id)) as string;
  const broken: Record<string, (path: string) => Promise<void>> = {
    'the end cut off': (path) => truncate(path, 2 * sealedFrameBytes),
    'a frame in the place of another': async (path) => {
      const handle = await open(path, 'r+');
      const frame = Buffer.alloc(sealedFrameBytes);
      await handle.read(frame, 0, frame.length, 0);
      await handle.write(frame, 0, frame.length, sealedFrameBytes);
      await handle.close();
    },
    'a bit flipped': async (path) => {
      const bytes = await readFile(path);
      bytes[100] = (bytes[100] as number) ^ 1;
      await writeFile(path, bytes);
    },
  };
  for (const [what, breakIt] of Object.entries(broken)) {
    await put(scratch, id, 'upload', content);
    await breakIt(await pathOf());
    await t.rejects(all(scratch.read(owner, id, 'upload')), { message: /shorter|authenticate/ }, what);
  }
});

t.test('a handle opens for its owner and, when shared, for plugins that are confined', async (t) => {
  const scratch = await opened(t);
  const { id } = await scratch.create(owner, minute);
  await put(scratch, id, 'upload', Buffer.from('secret'));
  const handle = scratch.share(owner, id, 'upload', minute);
  t.throws(() => scratch.stat({ ...owner, pluginId: 'parsers', confined: false }, handle), { code: 'NOT_FOUND' }, 'not in a call that could write');
  t.throws(() => scratch.stat({ ...stranger, pluginId: 'parsers', confined: true }, handle), { code: 'NOT_FOUND' }, 'nor in another tenant');
  t.throws(() => scratch.stat({ ...owner, confined: true }, `${handle}x`), { code: 'NOT_FOUND' });
  t.throws(() => scratch.read(stranger, id, 'upload'), { code: 'NOT_FOUND' });
  await t.rejects(scratch.keep(owner, handle, minute), { code: 'NOT_FOUND' }, 'what was shared cannot be kept');
  t.match(scratch.stat({ ...owner, pluginId: 'parsers', confined: true }, handle), { sizeBytes: 6, mimeType: 'text/plain' });
  await scratch.end(stranger, id);
  t.equal(await scratch.state(owner, id), 'here', 'a stranger cannot end it');
  t.equal(await scratch.state(stranger, id), 'gone', 'nor learn of it');
  await scratch.end(owner, id);
  t.throws(() => scratch.stat({ ...owner, confined: true }, handle), { code: 'NOT_FOUND' }, 'the handle ends with the session');
});

t.test('the end of a session interrupts who reads and writes, wipes the key and empties the disk', async (t) => {
  const scratch = await opened(t);
  const { id } = await scratch.create(owner, minute);
  await put(scratch, id, 'upload', Buffer.alloc(5 * frameBytes, 1));
  const reading = scratch.read(owner, id, 'upload')[Symbol.asyncIterator]();
  await reading.next();
  const writer = await scratch.write(owner, id, 'result', { declaredType: null, maxBytes: 1000 });
  const signal = scratch.signal(owner, id);
  await scratch.end(owner, id);
  t.ok(signal.aborted);
  await t.rejects(reading.next(), { code: 'NOT_FOUND' });
  await t.rejects(writer.write(Buffer.from('x')), { code: 'NOT_FOUND' });
  await writer.abort();
  t.strictSame((await filesBelow(join(dataDir, 'scratch'))).filter((file) => file.includes(id)), []);
  await scratch.end(owner, id);
  const brief = await scratch.create(owner, 50);
  await until(async () => (await scratch.state(owner, brief.id)) === 'gone');
  await until(async () => !(await readdir(join(dataDir, 'scratch', brief.id.slice(0, 16)))).includes(brief.id));
});

t.test('an upload ends with its request unless it is kept', async (t) => {
  const scratch = await opened(t);
  const upload = async (text: string) => {
    const opening = await scratch.upload(owner, { declaredType: 'text/plain', maxBytes: 100, ttlMs: minute });
    await opening.writer.write(Buffer.from(text));
    return opening.handle(await opening.writer.finish());
  };
  const [dropped, kept] = [await upload('dropped'), await upload('kept')];
  const session = await scratch.keep(owner, kept, minute);
  await scratch.discard(owner, dropped);
  await scratch.discard(owner, kept);
  t.throws(() => scratch.stat({ ...owner, confined: false }, dropped), { code: 'NOT_FOUND' });
  t.equal(String(await all(scratch.read(owner, session.id, 'upload'))), 'kept');
  await t.rejects(scratch.keep(owner, kept, minute), { code: 'NOT_FOUND' }, 'once');
});

t.test('there are limits', async (t) => {
  const scratch = await opened(t, { sessionsPerTenant: 2, sessionsPerNode: 3, bytesPerTenant: 100_000, bytesPerNode: 150_000 });
  const [first, second] = [await scratch.create(owner, minute), await scratch.create(owner, minute)];
  await t.rejects(scratch.create(owner, minute), { code: 'QUOTA_EXCEEDED', details: { quota: 'scratchSessions', limit: 2 } });
  const other = await scratch.create(stranger, minute);
  await t.rejects(scratch.create(stranger, minute), { code: 'UNAVAILABLE' });
  await put(scratch, first.id, 'a', Buffer.alloc(90_000));
  await t.rejects(put(scratch, second.id, 'a', Buffer.alloc(20_000)), { code: 'QUOTA_EXCEEDED', details: { quota: 'scratchBytes' } });
  const writer = await scratch.write(stranger, other.id, 'a', { declaredType: null, maxBytes: 1_000_000 });
  await writer.write(Buffer.alloc(65_000));
  await t.rejects(writer.finish(), { code: 'UNAVAILABLE' });
  await writer.abort();
  const small = await scratch.write(owner, first.id, 'b', { declaredType: null, maxBytes: 3 });
  await t.rejects(small.write(Buffer.alloc(4)), { code: 'PAYLOAD_TOO_LARGE' });
  await small.abort();
  await scratch.end(owner, first.id);
  await put(scratch, second.id, 'a', Buffer.alloc(90_000));
  t.pass('what has ended makes room');
});

t.test('another node knows whether a session lives, and has it ended', async (t) => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'proofpix-scratch-'));
  t.teardown(() => rm(elsewhere, { recursive: true, force: true }));
  const [here, there] = [await opened(t), await opened(t, {}, elsewhere)];
  const { id } = await there.create(owner, minute);
  t.equal(await here.state(owner, id), 'elsewhere');
  t.throws(() => here.read(owner, id, 'upload'), { code: 'NOT_FOUND' });
  await here.end(stranger, id);
  await here.end(owner, id);
  await until(async () => (await there.state(owner, id)) === 'gone');
  const last = await there.create(owner, minute);
  await there.close();
  t.equal(await here.state(owner, last.id), 'gone', 'a node that has ended took its keys along');
  t.equal(await here.state(owner, 'nonsense'), 'gone');
});

t.test('what a dead process has left is removed at the next boot', async (t) => {
  const root = join(dataDir, 'scratch');
  const leave = async (name: string, note: object): Promise<void> => {
    await mkdir(join(root, name), { recursive: true });
    await writeFile(join(root, name, 'owner.json'), JSON.stringify(note));
    await writeFile(join(root, name, 'remains'), 'ciphertext');
  };
  await leave('00000000000000aa', { pid: 999_999_999, host: hostname() });
  await leave('00000000000000bb', { pid: process.pid, host: hostname() });
  await leave('00000000000000cc', { pid: 1, host: 'another-machine' });
  await leave('00000000000000dd', { pid: process.ppid, host: hostname() });
  await opened(t);
  t.strictSame((await readdir(root)).filter((name) => name.startsWith('00000')), ['00000000000000cc', '00000000000000dd'], 'what may be alive stays');
});
