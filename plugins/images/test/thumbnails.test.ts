import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createHarness } from '@proofpix/sdk/testing';
import sharp from 'sharp';
import t from 'tap';
import plugin from '../plugin.ts';
import { liar, noise, plain } from './fixtures.ts';

const h = createHarness(plugin);

async function thumbnail(content: Uint8Array, edge = 128) {
  const { handle } = await h.shareFile(content);
  const made = (await h.serve('images.thumbnails', 'make', { file: handle, edge })) as { base64: string; width: number; height: number };
  return { ...made, image: Buffer.from(made.base64, 'base64') };
}

t.test('what is no picture, or not the one it claims to be, is refused', async (t) => {
  const jpeg = await noise(300, 300).jpeg().toBuffer();
  const avif = await plain(64, 64).avif().toBuffer();
  const refused: [string, Uint8Array, string][] = [
    ['nothing', Buffer.alloc(0), 'IMAGE_UNSUPPORTED'],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'IMAGE_UNSUPPORTED'],
    ['PDF', Buffer.from('%PDF-1.7'), 'IMAGE_UNSUPPORTED'],
    ['a film', Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42'), 'IMAGE_UNSUPPORTED'],
    ['HEIC without anything behind its name', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic'), 'IMAGE_BROKEN'],
    ['TIFF without anything behind its name', Buffer.from('II*\0'), 'IMAGE_BROKEN'],
    ['half a JPEG', jpeg.subarray(0, jpeg.length / 2), 'IMAGE_BROKEN'],
    ['half an AVIF', avif.subarray(0, avif.length - 20), 'IMAGE_BROKEN'],
    ['a bomb of pixels', liar(32_768, 32_768), 'IMAGE_TOO_LARGE'],
    ['a bomb of one row', liar(40_000, 1), 'IMAGE_TOO_LARGE'],
  ];
  for (const [name, content, code] of refused) await t.rejects(thumbnail(content), { code }, name);
});

t.test('no picture is opened above 100 MiB, and none that nobody shared', async (t) => {
  const { handle } = await h.shareFile(Buffer.alloc(104_857_601));
  await t.rejects(h.serve('images.thumbnails', 'make', { file: handle, edge: 128 }), { code: 'IMAGE_TOO_LARGE', details: { limit: 'bytes' } });
  await t.rejects(h.serve('images.thumbnails', 'make', { file: 'handle-of-nothing', edge: 128 }), { code: 'NOT_FOUND' });
  await t.rejects(h.serve('images.thumbnails', 'makeOf', { base64: (await plain(9, 9).tiff().toBuffer()).toString('base64'), edge: 128 }), { code: 'IMAGE_UNSUPPORTED' }, 'bytes of a format that nothing renders');
});

t.test('every format that can be shown becomes WebP in its proportions', async (t) => {
  const large = plain(640, 480);
  const contents = {
    jpeg: await large.clone().jpeg().toBuffer(),
    png: await large.clone().png().toBuffer(),
    webp: await large.clone().webp().toBuffer(),
    gif: await large.clone().gif().toBuffer(),
    avif: await large.clone().avif({ effort: 0 }).toBuffer(),
    tiff: await large.clone().tiff({ compression: 'lzw' }).toBuffer(),
    cmyk: await large.clone().toColourspace('cmyk').jpeg().toBuffer(),
    'a photo': await readFile(join(dirname(createRequire(import.meta.url).resolve('jpeg-exif/package.json')), 'test/IMG_0003.JPG')),
  };
  for (const [name, content] of Object.entries(contents)) {
    const { image, width, height } = await thumbnail(content);
    const found = await sharp(image).metadata();
    t.match(found, { format: 'webp', width, height, exif: undefined, xmp: undefined, icc: undefined }, name);
    t.equal(Math.max(width, height), 128, name);
    if (name !== 'a photo') t.same([width, height], [128, 96], name);
  }
  const { width, height } = await thumbnail(contents.png, 2048);
  t.same([width, height], [640, 480], 'never enlarged');
});

t.test('a photo that lies on its side is turned upright, and says nothing more', async (t) => {
  const original = await plain(300, 200).withMetadata({ orientation: 6 }).withExifMerge({ IFD0: { Artist: 'Ada Secret' } }).jpeg().toBuffer();
  const { image, width, height } = await thumbnail(Buffer.concat([original, Buffer.from('<script>alert(1)</script>')]), 256);
  t.same([width, height], [171, 256]);
  t.notOk(image.includes('Ada Secret') || image.includes('<script>'));
});

t.test('bytes that the caller has are as good as a file', async (t) => {
  const base64 = (await plain(600, 900).png().toBuffer()).toString('base64');
  const made = (await h.serve('images.thumbnails', 'makeOf', { base64, edge: 300 })) as { width: number; height: number };
  t.match(made, { width: 200, height: 300 });
});

t.test('a machine gets pages grey, upright and on white, at the size it reads best', async (t) => {
  const grey = async (content: Uint8Array, how: object = {}) => {
    const { handle } = await h.shareFile(content);
    return (await h.serve('images.rendering', 'grey', { file: handle, page: 1, maxEdge: 400, maxEnlargement: 2, ...how })) as { base64: string } & Record<string, number>;
  };
  const side = await plain(300, 200).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const turned = await grey(side);
  t.match(turned, { width: 267, height: 400, originalWidth: 200, originalHeight: 300, pageCount: 1 });
  t.match(await grey(side, { maxEdge: 4000 }), { width: 400, height: 600 }, 'twice as large and no more');
  const clear = await grey(await sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } }).png().toBuffer());
  const { channels } = await sharp(Buffer.from(clear.base64, 'base64')).metadata();
  const data = await sharp(Buffer.from(clear.base64, 'base64')).raw().toBuffer();
  t.ok(channels === 1 && data.every((value) => value === 255), 'what is transparent is white');
  await t.rejects(grey(side, { page: 2 }), { code: 'PAGE_NOT_RENDERED' });
  const tiff = await readFile(join(dirname(createRequire(import.meta.url).resolve('jpeg-exif/package.json')), 'test/Arbitro.tiff'));
  t.match(await grey(tiff), { pageCount: 1 });
  t.same(h.jobs, []);
});
