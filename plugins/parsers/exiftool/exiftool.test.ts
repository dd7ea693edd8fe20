import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { fixturePath, photo, photos } from '../test/fixtures.ts';
import { createMetadataLane } from '../metadata/metadata-lane.ts';
import { createMetadataReader } from '../metadata/read-metadata.ts';
import { type Command, exifToolCommand } from './command.ts';
import { createExifTool } from './exiftool.ts';
import { withScratchFile } from './scratch-file.ts';

const stuck = (script: string): Command => ({ file: '/bin/sh', args: ['-c', script, 'sh'], env: { PATH: '/usr/bin:/bin' } });

t.test('one that does not answer is killed, and the next file gets a new one', async (test) => {
  const tool = createExifTool(stuck('while :; do sleep 1; done'), { timeoutMs: 150 });
  test.teardown(() => tool.close());
  await Promise.all([1, 2, 3].map(() => test.rejects(tool.read('/nowhere'), { code: 'LANE_FAILED', details: { reason: 'time' } })));
  await test.rejects(tool.pipe({ args: [], input: new Uint8Array(10), maxOutputBytes: 10 }, 150), { code: 'LANE_FAILED', details: { reason: 'time' } });
});

t.test('one that ends, says too much or talks nonsense fails that file', async (test) => {
  const ended = createExifTool(stuck('exit 3'));
  await test.rejects(ended.read('/nowhere'), { code: 'LANE_FAILED', details: { reason: 'crash' } });
  await ended.close();
  const loud = createExifTool(stuck('exec yes'));
  await test.rejects(loud.read('/nowhere'), { code: 'LANE_FAILED', details: { reason: 'crash' } });
  await test.rejects(loud.pipe({ args: [], input: new Uint8Array(0), maxOutputBytes: 1000 }), { code: 'LANE_FAILED' });
  await loud.close();
  const nonsense = createExifTool(stuck('echo no json; echo "{ready1}"; exec sleep 5'));
  await test.rejects(nonsense.read('/nowhere'), SyntaxError);
  await nonsense.close();
});

t.test('an argument cannot become two', async (test) => {
  const command = exifToolCommand(process.env['PATH'] ?? '');
  if (command === null) return test.fail('no perl');
  const tool = createExifTool(command);
  test.teardown(() => tool.close());
  await test.rejects(tool.read('/nowhere\n-execute\n-o\n/tmp/x'), { code: 'LANE_FAILED' });
  test.match(await tool.read(photos.starfish), { printed: { IFD0: { Make: 'Nokia' } }, error: null });
});

t.test('content is lent under a name of our making and taken back', async (test) => {
  // Of a process that was killed while it had some out.
  const left = await mkdtemp(join(tmpdir(), `proofpix-parsers-${spawnSync('true').pid}-`));
  await writeFile(join(left, '1.jpg'), 'left behind');
  let lent = '';
  await test.rejects(
    withScratchFile(Buffer.from('secret'), 6, '../../x', async (path) => {
      lent = path;
      test.equal(await readFile(path, 'utf8'), 'secret');
      throw new Error('work failed');
    }),
  );
  test.match(lent, /proofpix-parsers-\d+-\w+\/\d+$/);
  await test.rejects(readFile(lent), { code: 'ENOENT' });
  await test.rejects(readFile(join(left, '1.jpg')), { code: 'ENOENT' });
});

t.test('without perl the common tags of pictures are read', async (test) => {
  test.equal(exifToolCommand('/nowhere'), null);
  const lane = createMetadataLane();
  test.teardown(() => lane.close());
  const read = createMetadataReader({ lane, exifTool: () => null });
  const source = (content: Uint8Array<ArrayBuffer>, mimeType = 'image/jpeg') => ({ content, mimeType, partial: false, toolTags: () => Promise.reject(new Error('not to be called')) });
  test.match(await read(source(Uint8Array.from(await photo('beijing')))), {
    status: 'ok',
    image: { width: 2448 },
    camera: { model: 'iPhone 6 Plus' },
    capture: { capturedAt: '2016-03-24T14:49:51.308+08:00', offsetSource: 'gps' },
    place: { country: 'China' },
    tags: { exif: { Make: 'Apple' } },
    warnings: [{ code: 'EXIFTOOL_MISSING' }],
  });
  test.match(await read(source(Uint8Array.from(Buffer.from('no photo')))), { status: 'damaged' });
  test.match(await read(source(Uint8Array.from(Buffer.from('%PDF-1.7')), 'application/pdf')), { status: 'damaged', warnings: [{ code: 'EXIFTOOL_MISSING' }] });
  test.match(await read(source(Uint8Array.from(await readFile(fixturePath('exif-js', 'spec/Exif2-2.pdf'))), 'application/pdf')), { status: 'ok', capture: { capturedAt: '2002-04-24T10:14:54+09:00' }, tags: { PDF: { PageCount: 154 } } });
  test.match(await read(source(Uint8Array.from(Buffer.from('RIFF')), 'video/avi')), { status: 'unsupported' });
});
