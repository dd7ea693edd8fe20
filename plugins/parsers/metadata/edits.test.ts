import { readFile } from 'node:fs/promises';
import { PDFDocument } from '@cantoo/pdf-lib';
import { createHarness } from '@proofpix/sdk/testing';
import sharp from 'sharp';
import t from 'tap';
import type { MetadataReport } from '../contract.ts';
import plugin from '../plugin.ts';
import { fixturePath, photo } from '../test/fixtures.ts';
import { pictureWith, pngChunk } from '../test/pictures.ts';

const h = createHarness(plugin);

async function editsOf(content: Uint8Array, mimeType = 'image/jpeg'): Promise<string[]> {
  const { handle } = await h.shareFile(content, { mimeType });
  const report = (await h.serve('parsers.metadata', 'read', { file: handle, mimeType })) as unknown as MetadataReport;
  return report.edits.map(({ code }) => code);
}
const made = async (tags: Parameters<typeof pictureWith>[0]) => await editsOf(await pictureWith(tags).jpeg().toBuffer());

t.test('a file as it came from the camera shows none', async (test) => {
  test.same(await editsOf(await photo('beijing')), []);
  test.same(await made({}), []);
  test.same(await made({ exif: { IFD0: { Make: 'Acme', Software: 'Acme Firmware 1.2' } } }), []);
  test.same(await editsOf(await readFile(fixturePath('exif-js', 'spec/Exif2-2.pdf')), 'application/pdf'), []);
});

t.test('software', async (test) => {
  test.same(await made({ exif: { IFD0: { Software: 'Adobe Photoshop CS6 (Windows)' } } }), ['EDITING_SOFTWARE']);
  test.same(await made({ xmp: '<xmp:CreatorTool>GIMP 2.10</xmp:CreatorTool>' }), ['EDITING_SOFTWARE']);
});

t.test('dates', async (test) => {
  const taken = { IFD2: { DateTimeOriginal: '2020:05:06 07:08:09' } };
  test.same(await made({ exif: { ...taken, IFD0: { DateTime: '2020:05:06 07:30:00' } } }), [], 'within the hour');
  test.same(await made({ exif: { ...taken, IFD0: { DateTime: '2020:05:07 07:08:09' } } }), ['DATES_DISAGREE']);
  test.same(await made({ exif: taken, xmp: '<photoshop:DateCreated>2020-05-06T19:08:09+12:00</photoshop:DateCreated>' }), [], 'perhaps only another zone');
  test.same(await made({ exif: taken, xmp: '<photoshop:DateCreated>2019-05-06T07:08:09</photoshop:DateCreated>' }), ['DATES_DISAGREE']);
});

t.test('a picture cut or resized after it was taken', async (test) => {
  test.same(await editsOf(await photo('starfish')), ['DIMENSIONS_DISAGREE']);
});

/** The picture, with another main image of the given shape in front of its own tags and thumbnail. */
async function withOtherPixels(original: Uint8Array, width: number, height: number): Promise<Buffer> {
  const source = Buffer.from(original);
  const app1 = source.indexOf(Buffer.from([0xff, 0xe1]));
  const segment = source.subarray(app1, app1 + 2 + source.readUInt16BE(app1 + 2));
  const pixels = await sharp({ create: { width, height, channels: 3, background: 'green' } }).jpeg().toBuffer();
  return Buffer.concat([pixels.subarray(0, 2), segment, pixels.subarray(2)]);
}

t.test('a thumbnail of another shape', async (test) => {
  const camera = await readFile(fixturePath('exif', 'test/sony-alpha-6000.jpg'));
  test.notOk((await editsOf(camera)).includes('THUMBNAIL_DIFFERS'));
  test.ok((await editsOf(await withOtherPixels(camera, 300, 900))).includes('THUMBNAIL_DIFFERS'));
});

t.test('notes of the maker that are missing', async (test) => {
  test.same(await made({ exif: { IFD0: { Make: 'Canon', Model: 'Canon EOS 5D' } } }), ['METADATA_STRIPPED']);
  test.same(await made({ exif: { IFD0: { Make: 'Acme', Model: 'One' } } }), []);
});

t.test('a history of its editing', async (test) => {
  const xmp = '<xmpMM:History><rdf:Seq><rdf:li stEvt:action="created"/><rdf:li stEvt:action="saved" stEvt:softwareAgent="Adobe Photoshop Lightroom 5.0"/></rdf:Seq></xmpMM:History>';
  test.same(await made({ xmp }), ['EDITING_SOFTWARE', 'EDIT_HISTORY']);
});

t.test('pictures that programs made', async (test) => {
  test.same(await made({ xmp: '<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>' }), ['GENERATED']);
  const png = await pictureWith({}).png().toBuffer();
  const text = pngChunk('tEXt', Buffer.from('parameters\0a cat\nSteps: 20, Sampler: Euler a', 'latin1'));
  test.same(await editsOf(Buffer.concat([png.subarray(0, 33), text, png.subarray(33)]), 'image/png'), ['GENERATED']);
});

t.test('a PDF that was changed by appending', async (test) => {
  const document = await PDFDocument.create();
  document.addPage([100, 100]);
  const first = Buffer.from(await document.save({ useObjectStreams: false }));
  test.same(await editsOf(first, 'application/pdf'), []);
  const start = /startxref\s+(\d+)/.exec(first.toString('latin1'))?.[1] ?? '0';
  const update = `\nxref\n0 0\ntrailer\n<< /Size 10 /Root 2 0 R /Prev ${start} >>\nstartxref\n${first.length + 1}\n%%EOF\n`;
  test.same(await editsOf(Buffer.concat([first, Buffer.from(update)]), 'application/pdf'), ['INCREMENTAL_UPDATES']);
});
