import { createHarness, type Harness } from '@proofpix/sdk/testing';
import sharp from 'sharp';
import t from 'tap';
import plugin from '../plugin.ts';
import { type Area, blackOut } from '../services/black-out.ts';
import { liar, noise } from './fixtures.ts';

async function cover(h: Harness, content: Uint8Array, areas: Area[]) {
  const { handle } = await h.shareFile(content);
  const made = (await h.serve('images.redaction', 'cover', { file: handle, areas: areas as never })) as { file: string; mimeType: string; sizeBytes: number };
  const id = String(h.jobs.at(-1)?.data['fileId']);
  const bytes = Buffer.from(h.fileBytes(id) ?? []);
  t.equal(bytes.length, made.sizeBytes);
  return { ...made, bytes };
}

const pixelsOf = async (image: Uint8Array) => sharp(image).raw().toBuffer({ resolveWithObject: true });

/** The greatest value among the pixels of an area. */
async function brightest(image: Uint8Array, { x, y, width, height }: Area): Promise<number> {
  const { data } = await sharp(image).extract({ left: x, top: y, width, height }).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return Math.max(...data);
}

t.test('nothing is made of what cannot be read', async (t) => {
  const h = createHarness(plugin);
  const area = [{ x: 0, y: 0, width: 1, height: 1 }];
  await t.rejects(cover(h, Buffer.from('<svg/>'), area), { code: 'IMAGE_UNSUPPORTED' });
  await t.rejects(cover(h, liar(300, 300), area), { code: 'IMAGE_BROKEN' });
  await t.rejects(cover(h, liar(30_000, 30_000), area), { code: 'IMAGE_TOO_LARGE' });
  await t.rejects(cover(h, await noise(9, 9).png().toBuffer(), []), { code: 'VALIDATION_ERROR' });
  t.same(h.jobs, []);
});

t.test('in a PNG the areas are black and everything else is as it was', async (t) => {
  const h = createHarness(plugin);
  const original = await noise(200, 100).withExif({ IFD0: { Artist: 'Ada Secret' } }).png().toBuffer();
  const areas = [{ x: 10, y: 20, width: 31, height: 17 }, { x: 30, y: 30, width: 40, height: 20 }, { x: 190, y: 90, width: 500, height: 500 }, { x: -5, y: -5, width: 7, height: 7 }, { x: 900, y: 900, width: 5, height: 5 }];
  const { mimeType, bytes } = await cover(h, original, areas);
  t.equal(mimeType, 'image/png');
  const before = await pixelsOf(original);
  const after = await pixelsOf(bytes);
  t.same(after.info.channels, before.info.channels);
  const inside = (x: number, y: number) => areas.some((area) => x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height);
  let wrong = 0;
  for (let at = 0; at < after.data.length; at += 1) {
    const pixel = Math.floor(at / after.info.channels);
    if (after.data[at] !== (inside(pixel % 200, Math.floor(pixel / 200)) ? 0 : before.data[at])) wrong += 1;
  }
  t.equal(wrong, 0);
  t.match(await sharp(bytes).metadata(), { exif: undefined, xmp: undefined, icc: undefined });
  t.notOk(bytes.includes('Ada Secret'));
});

t.test('in a transparent PNG the areas are opaque', async (t) => {
  const h = createHarness(plugin);
  const original = await sharp({ create: { width: 40, height: 40, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } } }).png().toBuffer();
  const { bytes } = await cover(h, original, [{ x: 0, y: 0, width: 10, height: 10 }]);
  const { data } = await pixelsOf(bytes);
  t.same([...data.subarray(0, 4)], [0, 0, 0, 255]);
  t.same([...data.subarray(-4)], [255, 0, 0, 128]);
});

t.test('a photo becomes a JPEG that is upright, black in the areas, and carries neither metadata nor a small picture of the original', async (t) => {
  const h = createHarness(plugin);
  const thumbnail = await noise(32, 32).jpeg().toBuffer();
  const original = await noise(301, 203).withMetadata({ orientation: 6 }).withExifMerge({ IFD0: { Artist: 'Ada Secret' } }).jpeg().toBuffer();
  const { mimeType, bytes } = await cover(h, Buffer.concat([original, thumbnail]), [{ x: 13, y: 21, width: 50, height: 70 }]);
  t.equal(mimeType, 'image/jpeg');
  t.match(await sharp(bytes).metadata(), { format: 'jpeg', width: 203, height: 301, orientation: undefined, exif: undefined, icc: undefined });
  t.ok((await brightest(bytes, { x: 13, y: 21, width: 50, height: 70 })) <= 1);
  t.notOk(bytes.includes('Ada Secret') || bytes.includes(thumbnail.subarray(20, 60)));
  t.ok((await brightest(bytes, { x: 100, y: 100, width: 50, height: 50 })) > 100);
});

t.test('every format can be covered', async (t) => {
  const h = createHarness(plugin);
  for (const format of ['webp', 'gif', 'tiff', 'avif'] as const) {
    const { mimeType, bytes } = await cover(h, await noise(64, 64).toFormat(format).toBuffer(), [{ x: 0, y: 0, width: 64, height: 32 }]);
    t.equal(mimeType, 'image/jpeg', format);
    t.ok((await brightest(bytes, { x: 0, y: 0, width: 64, height: 32 })) <= 1, format);
    t.ok((await brightest(bytes, { x: 0, y: 32, width: 64, height: 32 })) > 100, format);
  }
});

t.test('the copy may be kept for an hour and is gone after it', async (t) => {
  const h = createHarness(plugin);
  await cover(h, await noise(9, 9).png().toBuffer(), [{ x: 0, y: 0, width: 1, height: 1 }]);
  const id = String(h.jobs[0]?.data['fileId']);
  await h.runJobs();
  t.ok(h.fileBytes(id), 'not at once');
  h.clock.advance(3_901_000);
  await h.runJobs();
  t.equal(h.fileBytes(id), null);
});

t.test('ten thousand areas upon one another cost no more than the picture', (t) => {
  const data = new Uint8Array(2000 * 1500 * 3).fill(255);
  const areas = Array.from({ length: 10_000 }, (_, at) => ({ x: at % 7, y: at % 5, width: 2000, height: 1500 }));
  const started = performance.now();
  blackOut({ data, width: 2000, height: 1500, channels: 3 }, areas);
  t.ok(performance.now() - started < 1000);
  t.ok(Buffer.from(data.buffer).equals(Buffer.alloc(data.length)));
  t.end();
});
