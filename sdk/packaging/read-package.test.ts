import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import t from 'tap';
import type { PluginError } from '../errors.ts';
import { type Entries, readPackage, writePackage } from './index.ts';

const text = (content: string): Buffer => Buffer.from(content);

const sound: Entries = { 'README.md': text('# Notes\n'), 'manifest.json': text('{"id":"notes"}'), 'plugin.js': text('(() => {})();\n') };

/** Any archive, sound or not: entries in the given order, headers as given. */
async function archive(entries: readonly (readonly [Partial<Header> & { name: string }, string | Buffer])[]): Promise<Buffer> {
  const tar = pack();
  for (const [header, content] of entries) tar.entry({ mtime: new Date(0), ...header } as Header, content as Buffer);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

const soundList = (Object.entries(sound) as [string, Buffer][]).map(([name, content]) => [{ name }, content] as const);

async function codeOf(bytes: Uint8Array | AsyncIterable<Uint8Array>, limits?: Parameters<typeof readPackage>[1]): Promise<string> {
  return readPackage(bytes, limits).then(
    () => 'accepted',
    (error: PluginError) => error.code ?? String(error),
  );
}

t.test('refuses what is not an archive', async (test) => {
  for (const bytes of [Buffer.alloc(0), text('hello'), randomBytes(4000), gzipSync('not a tar, but longer than nothing'), gzipSync(randomBytes(4096)), gzipSync(Buffer.alloc(1024)), gzipSync(Buffer.alloc(0))]) {
    const code = await codeOf(bytes);
    test.ok(['PACKAGE_NOT_AN_ARCHIVE', 'PACKAGE_TRUNCATED'].includes(code), code);
  }
});

t.test('refuses a package cut at any place', async (test) => {
  const bytes = await writePackage({ ...sound, 'plugin.js': text(randomBytes(3000).toString('hex')) });
  for (let length = 0; length < bytes.length; length += 97) test.not(await codeOf(bytes.subarray(0, length)), 'accepted', `${length} of ${bytes.length} bytes`);
  const tar = gunzipSync(bytes);
  for (let length = 512; length < tar.length - 1024; length += 511) test.not(await codeOf(gzipSync(tar.subarray(0, length))), 'accepted', `tar of ${length}`);
});

t.test('refuses names that point outside, and everything but plain files', async (test) => {
  for (const name of ['../manifest.json', 'a/../../manifest.json', '/etc/passwd', 'C:\\windows\\x', '..\\x', '\\\\server\\x', '..']) test.equal(await codeOf(await archive([[{ name }, 'x'], ...soundList])), 'PACKAGE_UNSAFE_PATH', name);
  const links: Partial<Header>[] = [{ type: 'symlink', linkname: '/etc/passwd' }, { type: 'link', linkname: 'plugin.js' }, { type: 'character-device' }, { type: 'block-device' }, { type: 'fifo' }, { type: 'directory' }];
  for (const header of links) test.equal(await codeOf(await archive([[{ name: 'icon.png', ...header }, ''], ...soundList])), 'PACKAGE_UNSAFE_ENTRY', header.type as string);
});

t.test('refuses duplicate, unknown and missing entries', async (test) => {
  test.equal(await codeOf(await archive([...soundList, [{ name: 'plugin.js' }, 'evil()']])), 'PACKAGE_DUPLICATE_ENTRY');
  for (const name of ['./plugin.js', 'Plugin.js', 'plugin.mjs', 'node_modules/x.js', '.hidden', `${'a'.repeat(300)}`, '__proto__', 'constructor']) test.equal(await codeOf(await archive([...soundList, [{ name }, 'x']])), 'PACKAGE_UNKNOWN_ENTRY', name);
  for (const name of Object.keys(sound)) test.equal(await codeOf(await archive(soundList.filter(([header]) => header.name !== name))), 'PACKAGE_MISSING_ENTRY', name);
});

t.test('refuses bombs: of one entry, in all, by ratio, and as sent', async (test) => {
  test.equal(await codeOf(await archive([...soundList, [{ name: 'icon.png' }, Buffer.alloc(600 * 1024)]])), 'PACKAGE_TOO_LARGE', 'an entry beyond its rule');
  const huge = soundList.filter(([header]) => header.name !== 'manifest.json');
  test.equal(await codeOf(await archive([...huge, [{ name: 'manifest.json' }, `{"a":"${'x'.repeat(600 * 1024)}"}`]])), 'PACKAGE_TOO_LARGE', 'a huge manifest');
  test.equal(await codeOf(await archive([[{ name: 'plugin.js' }, Buffer.alloc(7 * 1024 * 1024)], ...soundList.slice(0, 2)])), 'PACKAGE_TOO_LARGE', 'zeros, 1000 to 1');
  const noise = await archive([[{ name: 'plugin.js.map' }, text(randomBytes(1_500_000).toString('hex'))], ...soundList]);
  test.equal(await codeOf(noise, { packedBytes: 1e8, unpackedBytes: 2_000_000, ratio: 100 }), 'PACKAGE_TOO_LARGE', 'in all');
  test.equal(await codeOf(noise, { packedBytes: 100_000, unpackedBytes: 1e8, ratio: 100 }), 'PACKAGE_TOO_LARGE', 'as sent');
  test.equal(await codeOf(noise), 'accepted');
});

t.test('stops reading an endless sender', async (test) => {
  let sent = 0;
  let closed = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        sent += 65_536;
        yield randomBytes(65_536);
      }
    } finally {
      closed = true;
    }
  }
  test.equal(await codeOf(endless()), 'PACKAGE_NOT_AN_ARCHIVE');
  test.ok(sent < 1_000_000 && closed, `${sent} bytes taken`);
});

t.test('refuses content that is not what the name says', async (test) => {
  const replaced = (name: string, content: Buffer) => archive([...soundList.filter(([header]) => header.name !== name), [{ name }, content]]);
  test.equal(await codeOf(await replaced('manifest.json', text('{'))), 'PACKAGE_INVALID_ENTRY');
  test.equal(await codeOf(await replaced('README.md', Buffer.from([0xff, 0xfe, 0xc0]))), 'PACKAGE_INVALID_ENTRY');
  test.equal(await codeOf(await replaced('plugin.js', Buffer.from([0xed, 0xa0, 0x80]))), 'PACKAGE_INVALID_ENTRY');
  test.equal(await codeOf(await replaced('icon.png', text('<svg/>'))), 'PACKAGE_INVALID_ENTRY');
});

t.test('reads back what was written, whole or in drips, and writes the same bytes each time', async (test) => {
  const bytes = await writePackage(sound);
  test.same(await writePackage({ 'plugin.js': sound['plugin.js'] as Buffer, 'manifest.json': sound['manifest.json'] as Buffer, 'README.md': sound['README.md'] as Buffer }), bytes);
  async function* drips(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  }
  const whole = await readPackage(bytes);
  const dripped = await readPackage(drips());
  test.same(whole.manifest, { id: 'notes' });
  test.equal(whole.code, '(() => {})();\n');
  test.equal(dripped.digest, whole.digest);
  test.match(whole.digest, /^[0-9a-f]{64}$/);
  test.same(Object.keys(whole.entries).toSorted(), ['README.md', 'manifest.json', 'plugin.js']);
});
