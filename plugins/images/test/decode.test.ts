import sharp from 'sharp';
import t from 'tap';
import { squareBounds, squaresOf } from '../services/decode.ts';
import { liar } from './fixtures.ts';

const picture = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: { r: 200, g: 20, b: 20 } } });
const bytes = (text: string) => new Uint8Array(Buffer.from(text));

t.test('what only claims to be a picture is refused by its first bytes', async (t) => {
  const claims = {
    svg: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>',
    html: '<!doctype html><script>alert(1)</script>',
    pdf: '%PDF-1.7\n1 0 obj<<>>endobj',
    zip: 'PK\u0003\u0004',
    nothing: '',
    tiff: 'II*\0',
  };
  for (const [name, text] of Object.entries(claims)) await t.rejects(squaresOf(bytes(text), [64]), { code: 'IMAGE_UNSUPPORTED' }, name);
  await t.rejects(squaresOf(await picture(9, 9).tiff().toBuffer(), [64]), { code: 'IMAGE_UNSUPPORTED', message: 'The picture must be a JPEG, PNG, GIF, or WebP file.' }, 'a real TIFF');
});

t.test('bombs are refused before they go off', async (t) => {
  for (const [width, height] of [[50_000, 50_000], [16_385, 1], [8_000, 8_000]] as const) await t.rejects(squaresOf(liar(width, height), [64]), { code: 'IMAGE_TOO_LARGE' }, `${width} × ${height}`);
  await t.rejects(squaresOf(new Uint8Array(squareBounds.maxBytes + 1).fill(0xff), [64]), { code: 'IMAGE_UNSUPPORTED' });
});

t.test('damaged and truncated pictures are refused', async (t) => {
  const noise = await sharp({ create: { width: 300, height: 300, channels: 3, background: 'white', noise: { type: 'gaussian', mean: 128, sigma: 60 } } }).jpeg().toBuffer();
  await t.rejects(squaresOf(noise.subarray(0, noise.length / 2), [64]), { code: 'IMAGE_BROKEN' });
  await t.rejects(squaresOf(noise.subarray(0, 10), [64]), { code: 'IMAGE_BROKEN' });
  await t.rejects(squaresOf(liar(300, 300), [64]), { code: 'IMAGE_BROKEN' }, 'a header without its pixels');
});

t.test('squares are upright, cut to the middle, and carry nothing of the original but pixels', async (t) => {
  const script = '<script>alert(1)</script>';
  const original = await picture(300, 200).withExif({ IFD0: { Artist: 'Ada Secret', Orientation: '6' }, IFD3: { GPSLatitude: '1/1 2/1 3/1' } }).jpeg().toBuffer();
  const polyglot = Buffer.concat([original, Buffer.from(script)]);
  const [small, large] = await squaresOf(polyglot, [64, 256]);
  for (const [image, size] of [[small, 64], [large, 256]] as const) {
    if (image === undefined) throw new Error('no picture');
    const { format, width, height, exif, xmp, icc, iptc } = await sharp(image).metadata();
    t.match({ format, width, height }, { format: 'webp', width: size, height: size });
    t.same([exif, xmp, iptc, icc], [undefined, undefined, undefined, undefined]);
    t.notOk(image.includes(script) || image.includes('Ada Secret'));
  }
});

t.test('of an animation the first frame is taken', async (t) => {
  const frames = await Promise.all(['red', 'blue'].map((background) => sharp({ create: { width: 32, height: 32, channels: 3, background } }).png().toBuffer()));
  const gif = await sharp(frames, { join: { animated: true } }).gif({ loop: 0, delay: [100, 100] }).toBuffer();
  const [square] = await squaresOf(gif, [64]);
  if (square === undefined) throw new Error('no picture');
  const { pages, width, height } = await sharp(square).metadata();
  t.same([pages ?? 1, width, height], [1, 64, 64]);
  const { dominant } = await sharp(square).stats();
  t.ok(dominant.r > 200 && dominant.b < 60, 'the red one');
});
