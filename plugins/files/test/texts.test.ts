import t from 'tap';
import { absentId, harness, otherTenant, uploaded } from './support.ts';

const ref = 'files.texts';
const page = (number: number, text = `page ${number}`) => ({ page: number, text, source: 'file' });

t.test('text is neither stored nor read', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  const input = { fileId: id, runId, clear: false, pages: [page(1)] };
  await test.rejects(h.serve(ref, 'store', { ...input, fileId: absentId }), { code: 'NOT_FOUND' });
  await test.rejects(h.serve(ref, 'store', input, { as: otherTenant }), { code: 'NOT_FOUND' });
  await test.rejects(h.serve(ref, 'store', { ...input, runId: absentId }), { code: 'RUN_NOT_ACTIVE' });
  await test.rejects(h.serve(ref, 'read', { fileId: id, firstPage: 1 }, { as: { role: null } }), { code: 'FORBIDDEN', details: { permission: 'files:read' } });
  await test.rejects(h.serve(ref, 'read', { fileId: id, firstPage: 1 }, { as: otherTenant }), { code: 'NOT_FOUND' });
  await test.rejects(h.serve(ref, 'read', { fileId: id, runId: absentId, firstPage: 1 }), { code: 'RUN_NOT_ACTIVE' });
  await h.request('POST', `/api/files/${id}/cancel`);
  await test.rejects(h.serve(ref, 'store', input), { code: 'RUN_NOT_ACTIVE' }, 'the run is over');
  test.equal(await h.db('texts', 'count', [{}]), 0);
});

t.test('pages are added, replaced and cleared, and go with the file', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  const { id: other, runId: otherRun } = await uploaded(h);
  const store = (pages: object[], clear = false) => h.serve(ref, 'store', { fileId: id, runId, clear, pages } as never, { as: { role: null } });
  const read = async (firstPage = 1) => h.serve(ref, 'read', { fileId: id, runId, firstPage }, { as: { role: null } });
  await h.serve(ref, 'store', { fileId: other, runId: otherRun, clear: true, pages: [page(1)] });
  test.same(await read(), { pages: [], nextPage: null });
  test.same(await store([page(2), page(1)]), { stored: 2 });
  test.same(await store([page(3), page(2, 'a\u0000\ud800b'), page(2, 'x\u0000\ud800y')]), { stored: 2 });
  test.same(await read(), { pages: [page(1), page(2, 'x\ufffd\ufffdy'), page(3)], nextPage: null }, 'in order, and as long as they were');
  test.same(await read(3), { pages: [page(3)], nextPage: null });
  test.same(await store([], true), { stored: 0 });
  test.same(await read(), { pages: [], nextPage: null });
  await store([page(1)]);
  await h.request('DELETE', `/api/files/${id}?permanent=true`);
  test.equal(await h.db('texts', 'count', [{}]), 1, 'another file keeps its own');
});

t.test('long texts are read in parts', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  const lengths = [200_000, 200_000, 10, 200_000, 200_000, 200_000, 200_000, 200_000, 200_000, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10];
  await h.serve(ref, 'store', { fileId: id, runId, clear: true, pages: lengths.map((length, at) => page(at + 1, 'ä'.repeat(length))) });
  const read: number[] = [];
  const parts: number[] = [];
  for (let next: number | null = 1; next !== null; ) {
    const answer = (await h.serve(ref, 'read', { fileId: id, firstPage: next })) as { pages: { text: string }[]; nextPage: number | null };
    parts.push(answer.pages.length);
    read.push(...answer.pages.map(({ text }) => text.length));
    next = answer.nextPage;
  }
  test.same(read, lengths);
  test.same(parts, [3, 2, 2, 14]);
});
