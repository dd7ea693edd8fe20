import { existsSync } from 'node:fs';
import { NotFound } from '@proofpix/sdk';
import sharp from 'sharp';
import t from 'tap';
import { renderPages } from '../measure/render-page.ts';
import { wordRecall } from '../measure/word-recall.ts';
import { blank, harnessWith } from './support.ts';

/** The first page of the Exif specification: a title page of 49 words. */
const [page] = await renderPages('exif-js', 'spec/Exif2-2.pdf', [1], 1600);
if (page === undefined) throw new Error('no page');

t.test('what is no picture is not read, and what the others cannot open is their error', async (t) => {
  const h = harnessWith(NotFound());
  await t.rejects(h.read('text/plain'), { code: 'IMAGE_UNSUPPORTED' });
  await t.rejects(h.read('audio/mpeg'), { code: 'IMAGE_UNSUPPORTED' });
  t.same(h.asked, []);
  await t.rejects(h.read('image/png'), { code: 'NOT_FOUND' });
  await t.rejects(h.read('application/pdf', 7), { code: 'NOT_FOUND' });
  t.match(h.asked, [{ method: 'grey', input: { file: 'handle', page: 1 } }, { method: 'render', input: { file: 'handle', page: 7 } }]);
});

t.test('bytes that are no picture cost the page and nothing else', async (t) => {
  await t.rejects(harnessWith({ image: Buffer.from('no picture at all'), width: 10, height: 10 }).read('image/png'), { code: 'IMAGE_BROKEN' });
});

t.test('a blank page has no text', async (t) => {
  t.match(await harnessWith({ image: await blank(300, 200), width: 300, height: 200 }).read('application/pdf'), { text: '', confidence: 0, words: [], width: 300, height: 200, language: 'eng' });
});

t.test('a rendered page is read as its text layer says', async (t) => {
  const { png: image, width, height, text: truth } = page;
  const { text, words, confidence, ...size } = await harnessWith({ image, width, height }).read('application/pdf');
  const { words: expected, found } = wordRecall(truth, text);
  t.ok(expected > 40 && found / expected >= 0.9, `${found} of ${expected} words`);
  t.ok(confidence > 0.8 && confidence <= 1);
  t.same(size, { width, height, language: 'eng' });
  t.ok(words.every((word) => text.slice(word.start, word.end) === word.text), 'each word knows its place in the text');
  t.ok(words.every(({ x, y, width: across, height: tall }) => x >= 0 && y >= 0 && x + across <= width && y + tall <= height));
  t.notOk(existsSync('eng.traineddata'), 'the model is cached nowhere');
});

t.test('boxes are in pixels of the picture that was asked about, and hold the word', async (t) => {
  const { png: image, width, height } = page;
  const h = harnessWith({ image, width, height, originalWidth: width * 2, originalHeight: height * 2 });
  const read = await h.read('image/jpeg');
  t.match(read, { width: width * 2, height: height * 2 });
  const word = read.words.find(({ text, confidence }) => text.length > 6 && confidence > 0.9);
  if (word === undefined) throw new Error('no long word');
  const inside = await sharp(image).extract({ left: Math.floor(word.x / 2), top: Math.floor(word.y / 2), width: Math.ceil(word.width / 2), height: Math.ceil(word.height / 2) }).stats();
  t.ok((inside.channels[0]?.min ?? 255) < 100, 'ink');
  const covered = await sharp(image)
    .composite(read.words.map(({ x, y, width: across, height: tall }) => ({ input: { create: { width: Math.ceil(across / 2) + 2, height: Math.ceil(tall / 2) + 2, channels: 3 as const, background: 'white' } }, left: Math.floor(x / 2), top: Math.floor(y / 2) })))
    .png()
    .toBuffer();
  t.equal((await harnessWith({ image: covered, width, height }).read('application/pdf')).text.length < read.text.length / 10, true, 'without its boxes the page has no text');
});
