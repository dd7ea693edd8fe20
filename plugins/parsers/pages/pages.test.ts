import sharp from 'sharp';
import t from 'tap';
import { harness } from '../test/parse.ts';
import { onePage, rawPdf, textPdf } from '../test/pdf-files.ts';

interface Shown {
  base64: string;
  width: number;
  height: number;
  pageCount: number;
}

async function render(content: Uint8Array | string, page = 1, maxEdge = 400): Promise<Shown> {
  const { handle } = await harness.shareFile(content, { mimeType: 'application/pdf' });
  return (await harness.serve('parsers.pages', 'render', { file: handle, page, maxEdge })) as unknown as Shown;
}

const darkest = async ({ base64 }: Shown): Promise<number> => (await sharp(Buffer.from(base64, 'base64')).greyscale().stats()).channels[0]?.min ?? 255;

t.test('a page is a picture of at most that size, as people see it', async (test) => {
  const content = await textPdf([['Words'], []], (document) => document.getPages()[0]?.setRotation({ type: 'degrees', angle: 270 } as never));
  const shown = await render(content);
  test.match(shown, { width: 400, height: 309, pageCount: 2 }, 'the turned page lies');
  test.match(await sharp(Buffer.from(shown.base64, 'base64')).metadata(), { format: 'png', width: 400, height: 309 });
  test.ok((await darkest(shown)) < 100, 'with its words');
  test.match(await render(content, 2, 100), { width: 77, height: 100 });
  test.equal(await darkest(await render(content, 2)), 255, 'an empty page is white');
});

t.test('what cannot be shown is told by one error, and the next page is shown', async (test) => {
  const locked = await textPdf([['secret']], (document) => document.encrypt({ userPassword: 'x', ownerPassword: 'y' }));
  const words = await textPdf([['Words']]);
  const table: readonly (readonly [name: string, content: Uint8Array | string, page?: number])[] = [
    ['no such page', words, 2],
    ['a password', locked],
    ['no PDF', 'text'],
    ['nothing', ''],
    ['half a PDF', words.subarray(0, 200)],
    ['a tree of pages that holds itself', rawPdf(['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[2 0 R]/Count 9>>']), 3],
  ];
  for (const [name, content, page] of table) await test.rejects(render(content, page), { code: 'PAGE_NOT_RENDERED' }, name);
  test.match(await render(words), { pageCount: 1 });
});

t.test('a form that draws itself without end is given up, a page of a mile is shown small', async (test) => {
  const loop = rawPdf(['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[3 0 R]/Count 1>>', '<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>', '<</Length 5>>\nstream\n/X Do\nendstream', '<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>/Length 11>>\nstream\n/X Do /X Do\nendstream']);
  await test.rejects(render(loop), { code: 'PAGE_NOT_RENDERED' });
  const mile = Buffer.from(Buffer.from(onePage(Buffer.from('0 0 9 9 re f'))).toString('latin1').replace('[0 0 612 792]', '[0 0 4560960 1]'), 'latin1');
  test.match(await render(mile), { width: 400, height: 1 });
});
