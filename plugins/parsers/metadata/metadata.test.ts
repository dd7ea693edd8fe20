import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PDFDocument } from '@cantoo/pdf-lib';
import { createHarness } from '@proofpix/sdk/testing';
import t from 'tap';
import type { MetadataReport } from '../contract.ts';
import plugin from '../plugin.ts';
import { fixturePath, photo } from '../test/fixtures.ts';
import { film, song } from '../test/media.ts';
import { zipOf } from '../test/office-files.ts';
import { packet, pictureWith, pixelBomb, position } from '../test/pictures.ts';

const h = createHarness(plugin);

async function read(content: Uint8Array | string, mimeType = 'image/jpeg', options: { filename?: string; confined?: boolean } = {}): Promise<MetadataReport> {
  const { handle } = await h.shareFile(content, { mimeType });
  const { confined = false, ...rest } = options;
  return (await h.serve('parsers.metadata', 'read', { file: handle, mimeType, ...rest }, { confined })) as unknown as MetadataReport;
}
const codes = (report: MetadataReport) => report.warnings.map(({ code }) => code);

/** The files of this process that lie in the scratch folder. */
async function scratch(): Promise<string[]> {
  const folders = (await readdir(tmpdir())).filter((name) => name.startsWith(`proofpix-parsers-${process.pid}-`));
  return (await Promise.all(folders.map((folder) => readdir(join(tmpdir(), folder))))).flat();
}

t.test('what is hostile gets a status, never a crash', async (test) => {
  const beijing = await photo('beijing');
  const table: readonly (readonly [name: string, content: Uint8Array | string, mimeType: string, status: string])[] = [
    ['nothing', '', 'image/jpeg', 'empty'],
    ['text that calls itself a photo', 'a text that calls itself a photo', 'image/jpeg', 'damaged'],
    ['a head of 100 bytes', beijing.subarray(0, 100), 'image/jpeg', 'damaged'],
    ['three bytes', Buffer.from([0xff, 0xd8, 0xff]), 'image/jpeg', 'damaged'],
    ['noise', Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 251)), 'application/octet-stream', 'unsupported'],
    ['a PDF of its first line', '%PDF-1.7\n', 'application/pdf', 'ok'],
    ['a pixel bomb', pixelBomb(), 'image/png', 'ok'],
    ['NUL bytes', new Uint8Array(100_000), 'image/tiff', 'damaged'],
  ];
  for (const [name, content, mimeType, status] of table) test.equal((await read(content, mimeType)).status, status, name);
  test.match((await read(pixelBomb(), 'image/png')).image, { width: 100_000, height: 100_000, format: 'png' });
  test.same(await scratch(), [], 'nothing is left');
});

t.test('random damage never does more than fail', async (test) => {
  const original = await photo('beijing');
  let seed = 1;
  const random = (below: number) => ((seed = (seed * 48_271) % 2_147_483_647), seed % below);
  const statuses = new Set<string>();
  for (let round = 0; round < 25; round++) {
    const damaged = Buffer.from(original.subarray(0, 4000 + random(20_000)));
    for (let byte = 0; byte < 40; byte++) damaged[2 + random(3000)] = random(256);
    statuses.add((await read(damaged)).status);
  }
  test.same([...statuses].filter((status) => !['ok', 'damaged', 'unsupported'].includes(status)), []);
});

t.test('two real photos', async (test) => {
  test.match(await read(await photo('starfish')), {
    status: 'ok',
    image: { width: 1278, height: 720, format: 'jpeg', orientation: 1 },
    camera: { make: 'Nokia', model: 'Lumia 820' },
    capture: { capturedAt: '2013-05-10T15:21:35', offset: null, source: 'exif.DateTimeOriginal' },
    gps: { latitude: 55.038756, longitude: 8.457191 },
    place: { name: 'List', countryCode: 'DE' },
    edits: [{ code: 'DIMENSIONS_DISAGREE' }],
  });
  const beijing = await read(await photo('beijing'));
  test.match(beijing, {
    status: 'ok',
    image: { width: 2448, orientation: 6 },
    camera: { make: 'Apple', model: 'iPhone 6 Plus', lens: 'iPhone 6 Plus back camera 4.15mm f/2.2' },
    capture: { capturedAt: '2016-03-24T14:49:51.308+08:00', offset: '+08:00', offsetSource: 'gps' },
    exposure: { iso: 32, fNumber: 2.2, focalLengthMm: 4.15, flashFired: true },
    gps: { latitude: 40.004086, longitude: 116.484781, altitudeMetres: 38.64, accuracyMetres: 65 },
    place: { country: 'China', region: 'Beijing' },
    edits: [],
    tags: { Apple: { RunTimeFlags: 'Valid' } },
  });
  test.same(codes(beijing), []);
});

t.test('a cut file still gives what its head says', async (test) => {
  const report = await read((await photo('beijing')).subarray(0, 20_000));
  test.ok(codes(report).includes('TRUNCATED'));
  test.match(report, { status: 'ok', image: { width: 2448 }, camera: { model: 'iPhone 6 Plus' } });
});

t.test('photos without a position, a valid date or text in their tags', async (test) => {
  test.match(await read(await photo('oddDate')), { capture: null, gps: null, place: null });
  test.match(await read(await photo('evil')), { camera: { model: 'Canon PowerShot S400' }, capture: { capturedAt: '2003-05-24T16:40:33' } });
  test.match(await read(await photo('blankTags')), { gps: null, camera: { model: 'MI3' } });
  test.match(await read(await photo('mirrored')), { image: { orientation: 4, displayWidth: 480, displayHeight: 640 } });
  test.match(await read(await photo('tiff'), 'image/tiff'), { image: { width: 174, height: 38, format: 'tiff', channels: 4 } });
});

t.test('every container gives up its EXIF and XMP', async (test) => {
  const xmp = '<photoshop:DateCreated>2020-05-06T07:08:09+02:00</photoshop:DateCreated><dc:title><rdf:Alt><rdf:li xml:lang="de">Tor</rdf:li><rdf:li xml:lang="x-default">Gate</rdf:li></rdf:Alt></dc:title><dc:subject><rdf:Bag><rdf:li>berlin</rdf:li><rdf:li>gate</rdf:li></rdf:Bag></dc:subject>';
  for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
    const content = await pictureWith({ xmp, exif: { IFD0: { Make: 'Acme' }, IFD3: position } }).toFormat(format).toBuffer();
    for (const confined of [false, true]) {
      test.match(
        await read(content, `image/${format}`, { confined }),
        {
          status: 'ok',
          image: { width: 40, height: 30, format },
          camera: { make: 'Acme' },
          description: { title: 'Gate', keywords: ['berlin', 'gate'] },
          capture: { capturedAt: '2020-05-06T07:08:09+02:00', offsetSource: 'xmp', source: 'xmp.photoshop:DateCreated' },
          gps: { latitude: -33.856667, longitude: 151.215278 },
          place: { countryCode: 'AU' },
          warnings: [],
        },
        `${format}${confined ? ', by a pipe' : ''}`,
      );
    }
  }
});

t.test('documents', async (test) => {
  const pdf = await readFile(fixturePath('exif-js', 'spec/Exif2-2.pdf'));
  test.match(await read(pdf, 'application/pdf'), { status: 'ok', image: null, camera: { software: 'Acrobat Distiller 5.0 (Windows)' }, capture: { capturedAt: '2002-04-24T10:14:54+09:00', offsetSource: 'file', source: 'PDF.CreateDate' } });
});

t.test('films and music', async (test) => {
  test.match(await read(film(), 'video/quicktime'), {
    status: 'ok',
    camera: { make: 'Acme' },
    capture: { capturedAt: '2020-05-06T07:08:09', offset: null, source: 'QuickTime.CreateDate' },
    gps: { latitude: 52.52, longitude: 13.405 },
    place: { countryCode: 'DE' },
  });
  test.match(await read(song(), 'audio/mpeg', { filename: 'a.mp3' }), { status: 'ok', description: { title: 'Song', creator: 'Ada' } });
});

t.test('properties of office documents', async (test) => {
  const type = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
  const core = '<cp:coreProperties><dc:title>Plan &amp; budget</dc:title><dc:creator>Ada</dc:creator><cp:keywords>one, two</cp:keywords><dcterms:created>2020-05-06T07:08:09Z</dcterms:created></cp:coreProperties>';
  const docx = zipOf({ '[Content_Types].xml': '<Types/>', 'docProps/core.xml': core, 'docProps/app.xml': '<Properties><Application>Microsoft Office Word</Application></Properties>' });
  test.match(await read(docx, type, { filename: 'a.docx' }), {
    status: 'ok',
    description: { title: 'Plan & budget', creator: 'Ada', keywords: ['one', 'two'] },
    capture: { capturedAt: '2020-05-06T07:08:09+00:00', offsetSource: 'file', source: 'core.created' },
    camera: { software: 'Microsoft Office Word' },
  });
  const odt = zipOf({ mimetype: 'application/vnd.oasis.opendocument.text', 'content.xml': '<a/>', 'meta.xml': '<office:meta><dc:creator>Bob</dc:creator><meta:initial-creator>Ada</meta:initial-creator></office:meta>' });
  test.match(await read(odt, 'application/vnd.oasis.opendocument.text'), { status: 'ok', description: { creator: 'Ada' } });
  test.equal((await read(docx.subarray(0, 100), type)).status, 'damaged');
});

t.test('documents behind a password, and those that only forbid printing', async (test) => {
  const made = async (userPassword: string) => {
    const document = await PDFDocument.create();
    document.addPage();
    document.setAuthor('Ada');
    document.encrypt({ userPassword, ownerPassword: 'other' });
    return await document.save();
  };
  test.match(await read(await made('secret'), 'application/pdf'), { status: 'encrypted', description: null });
  test.match(await read(await made(''), 'application/pdf'), { status: 'ok', description: { creator: 'Ada' }, warnings: [{ code: 'READ_IN_PART' }] });
});

t.test('a type that is another one is told', async (test) => {
  const png = await pictureWith({}).png().toBuffer();
  test.ok(codes(await read(png, 'image/jpeg')).includes('TYPE_MISMATCH'));
});

t.test('tags too large to keep are left out, the rest stands', async (test) => {
  const many = Array.from({ length: 900 }, (_, at) => `<rdf:li>${at}${'k'.repeat(900)}</rdf:li>`).join('');
  const report = await read(packet(`<dc:subject><rdf:Bag>${many}</rdf:Bag></dc:subject><dc:title>kept</dc:title>`), 'application/rdf+xml');
  test.ok(Buffer.byteLength(JSON.stringify(report.tags)) <= 524_288);
  test.ok(codes(report).includes('TAGS_LEFT_OUT'));
  test.match(report.description, { title: 'kept' });
});
