import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createHarness } from '@proofpix/sdk/testing';
import sharp from 'sharp';
import t from 'tap';
import type { MetadataReport } from '../contract.ts';
import plugin from '../plugin.ts';
import { fixturePath } from '../test/fixtures.ts';
import { film, song } from '../test/media.ts';

const { resolve } = createRequire(import.meta.url);
const script = createRequire(resolve('exiftool-vendored')).resolve('exiftool-vendored.pl').replace(/index\.js$/, 'bin/exiftool');
const h = createHarness(plugin);

/** Every photo and PDF of the packages of test data, and pictures in the formats that they lack. */
async function fixtures(): Promise<string[]> {
  const found: string[] = [];
  for (const folder of [fixturePath('exif', 'test'), fixturePath('exif-parser', 'test'), fixturePath('jpeg-exif', 'test'), fixturePath('exif-js', 'example'), fixturePath('pdf-parse', 'test/data')]) {
    for (const name of await readdir(folder)) if (/\.(jpe?g|tiff?|pdf)$/i.test(name)) found.push(join(folder, name));
  }
  const folder = await mkdtemp(join(tmpdir(), 'equality-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const picture = sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } }).withExif({ IFD0: { Make: 'Acme', Artist: 'Zoë “Z” <z@example.org>\n2nd' }, IFD3: { GPSLatitudeRef: 'S', GPSLatitude: '33/1 51/1 24/1', GPSLongitudeRef: 'E', GPSLongitude: '151/1 12/1 55/1' } });
  for (const format of ['png', 'webp', 'avif', 'tiff', 'gif'] as const) {
    const path = join(folder, `made.${format}`);
    await writeFile(path, await picture.clone().toFormat(format).toBuffer());
    found.push(path);
  }
  for (const [name, content] of [['made.mov', film()], ['made.mp3', song()], ['made.txt', Buffer.from('Zoë\n')], ['made.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><title>x</title></svg>')]] as const) {
    await writeFile(join(folder, name), content);
    found.push(join(folder, name));
  }
  // A raw picture is told from a TIFF by its tags and its name.
  const raw = join(folder, 'made.dng');
  await promisify(execFile)('perl', [script, '-config', '', '-DNGVersion=1.4.0.0', '-UniqueCameraModel=Acme One', '-o', raw, join(folder, 'made.tiff')]);
  return [...found, raw, fixturePath('exif-js', 'spec/Exif2-2.pdf'), join(dirname(resolve('mammoth/package.json')), 'test/test-data/comments.docx')];
}

const types: Readonly<Record<string, string>> = { jpg: 'image/jpeg', jpeg: 'image/jpeg', tiff: 'image/tiff', pdf: 'application/pdf', png: 'image/png', webp: 'image/webp', avif: 'image/avif', gif: 'image/gif', mov: 'video/quicktime', mp3: 'audio/mpeg', txt: 'text/plain', svg: 'image/svg+xml', dng: 'image/x-adobe-dng', docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document' };

t.test('tags equal what ExifTool itself prints, field by field', async (test) => {
  const paths = await fixtures();
  // It exits with 1 when a file among them is broken, as one is.
  const { stdout } = await promisify(execFile)('perl', [script, '-config', '', '-json', '-g1', ...paths], { maxBuffer: 67_108_864, env: { PATH: process.env['PATH'] } }).catch((error: { stdout: string }) => error);
  const expected = JSON.parse(stdout) as Record<string, unknown>[];
  test.equal(expected.length, paths.length);
  let fields = 0;
  await Promise.all(
    paths.map(async (path, at) => {
      const { SourceFile: _source, ExifTool: _tool, System: _system, ...groups } = expected[at] as Record<string, Record<string, unknown>>;
      const { handle } = await h.shareFile(await readFile(path));
      const filename = basename(path);
      const report = (await h.serve('parsers.metadata', 'read', { file: handle, mimeType: types[filename.split('.').at(-1)?.toLowerCase() ?? ''] ?? '', filename })) as unknown as MetadataReport;
      test.strictSame(report.tags, groups, filename);
      fields += Object.values(groups).reduce((sum, tags) => sum + Object.keys(tags).length, 0);
    }),
  );
  test.ok(fields > 1500, `${fields} fields of ${paths.length} files`);
});
