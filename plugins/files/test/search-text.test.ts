import type { Harness } from '@proofpix/sdk/testing';
import t from 'tap';
import { harness, nobody, otherTenant } from './support.ts';

/** Uploads a file whose pages were read as these texts. */
async function read(h: Harness, filename: string, ...pages: string[]): Promise<string> {
  const { body } = await h.request('POST', '/api/files/upload', { files: [{ field: 'file', filename, mimeType: 'text/plain', content: pages.join('\n') }] });
  const runId = h.events.findLast(({ name, payload }) => name === 'files.process-requested' && payload.fileId === body.id)?.payload.runId as string;
  await h.serve('files.texts', 'store', { fileId: body.id, runId, clear: true, pages: pages.map((text, at) => ({ page: at + 1, text, source: 'file' })) });
  return body.id as string;
}

const search = (h: Harness, query: Record<string, string | number | boolean>) => h.request('GET', '/api/files', { query });
const found = async (h: Harness, text: string, query: Record<string, string | number | boolean> = {}) => ((await search(h, { text, ...query })).body.items as { filename: string }[]).map(({ filename }) => filename);

t.test('searching is refused, and finds nothing of others', async (test) => {
  const h = harness();
  await read(h, 'a.txt', 'secret');
  test.equal((await h.request('GET', '/api/files?text=secret', { as: nobody })).status, 401);
  test.equal((await h.request('GET', '/api/files?text=secret', { as: { role: null } })).status, 403);
  test.same((await h.request('GET', '/api/files?text=secret', { as: otherTenant })).body, { items: [], nextCursor: null });
  for (const query of [{ text: '' }, { text: 'x'.repeat(1001) }, { text: 'x', sort: 'name' }, { text: 'x', cursor: 'nonsense' }, { text: 'x', order: 'asc', cursor: `desc.${'0'.repeat(32)}` }]) test.equal((await search(h, query as unknown as Record<string, string>)).status, 400, JSON.stringify(query));
});

t.test('files are found by what stands on one page, together with other filters', async (test) => {
  const h = harness();
  const invoice = await read(h, 'invoice.txt', 'Cover sheet', 'Invoice for Blue Bicycles', 'Blue');
  await read(h, 'letter.txt', 'A letter about bicycles', 'and an invoice');
  await read(h, 'note.txt', 'nothing');
  test.same(await found(h, 'BICYCLES'), ['letter.txt', 'invoice.txt'], 'newest first');
  test.same(await found(h, 'bicycles', { order: 'asc' }), ['invoice.txt', 'letter.txt']);
  test.same(await found(h, 'invoice bicycles'), ['invoice.txt'], 'both on one page');
  test.same(await found(h, 'bicycles -blue'), ['letter.txt']);
  test.same(await found(h, '"blue bicycles"'), ['invoice.txt']);
  test.same(await found(h, 'sheet or letter'), ['letter.txt', 'invoice.txt']);
  test.same(await found(h, 'bicycles', { name: 'inv' }), ['invoice.txt']);
  test.same(await found(h, 'bicycles', { status: 'completed' }), []);
  test.match((await search(h, { text: 'blue' })).body.items, [{ id: invoice, match: { page: 2 } }]);
  await h.request('DELETE', `/api/files/${invoice}`);
  test.same([await found(h, 'bicycles'), await found(h, 'bicycles', { trash: true })], [['letter.txt'], ['invoice.txt']]);
});

t.test('what is found comes page by page', async (test) => {
  const h = harness();
  const all: string[] = [];
  for (let n = 0; n < 5; n += 1) all.push(await read(h, `${n}.txt`, 'common', 'common'));
  for (const order of ['asc', 'desc']) {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { body } = await search(h, { text: 'common', limit: 2, order, ...(cursor === null ? {} : { cursor }) });
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    } while (cursor !== null);
    test.same(seen, order === 'asc' ? all : all.toReversed());
  }
});

t.test('copies of one content are found by its hash', async (test) => {
  const h = harness();
  const [a, , c] = [await read(h, 'a.txt', 'same'), await read(h, 'b.txt', 'other'), await read(h, 'c.txt', 'same')];
  const { sha256 } = (await h.request('GET', `/api/files/${a}`)).body;
  test.same((await search(h, { sha256, order: 'asc' })).body.items.map(({ id }: { id: string }) => id), [a, c]);
  test.equal((await search(h, { sha256: 'x' })).status, 400);
});
