import { createHash } from 'node:crypto';
import type { Harness } from '@proofpix/sdk/testing';
import t from 'tap';
import { downloadKind } from '../services/download-kind.ts';
import { harness, jpeg, nobody, uploaded } from './support.ts';

const sha256 = createHash('sha256').update(jpeg).digest('hex');
const etag = `"${sha256}"`;
const size = jpeg.length;

async function shared(h: Harness, body: object) {
  const { id } = await uploaded(h, { processImmediately: false });
  const { path } = (await h.request('POST', `/api/files/${id}/share`, { body })).body;
  return {
    id,
    get: async (headers: Record<string, string> = {}) => (await h.request('GET', path, { as: nobody, headers })).status,
    uses: async () => (await h.request('GET', `/api/files/${id}/shares`)).body.items[0].downloads as number,
  };
}

t.test('what a request hands out', async (test) => {
  const kind = (headers: Record<string, string>) => downloadKind(headers, { sha256, sizeBytes: 100 });
  const rest = (bytes: number) => ({ kind: 'rest', bytes });
  for (const headers of [{}, { range: 'bytes=0-' }, { range: 'bytes=0-0' }, { range: 'bytes=-5' }, { range: 'bytes=5-1' }, { range: 'bytes=1-2,4-5' }, { range: 'BYTES=1-' }, { range: 'bytes=100-' }, { range: 'bytes=1-', 'if-range': '"other"' }, { 'if-none-match': '"other"' }, { 'if-none-match': `${etag}x` }]) {
    test.same(kind(headers as Record<string, string>), { kind: 'whole' }, JSON.stringify(headers));
  }
  test.same(kind({ range: 'bytes=1-' }), rest(99));
  test.same(kind({ range: 'bytes=90-999' }), rest(10));
  test.same(kind({ range: 'bytes=10-19', 'if-range': etag }), rest(10));
  for (const known of [etag, `W/${etag}`]) test.same(kind({ 'if-none-match': known, range: 'bytes=1-' }), { kind: 'nothing' });
});

t.test('the rest of a download and the news that nothing changed do not count', async (test) => {
  const h = harness();
  const { get, uses } = await shared(h, { maxDownloads: 1 });
  test.equal(await get(), 200);
  test.equal(await get({ range: `bytes=${size - 4}-` }), 200);
  test.equal(await get({ 'if-none-match': etag }), 200, 'the host answers 304');
  test.equal(await get(), 404, 'a second download does');
  test.equal(await uses(), 1);
  test.same(h.audited.map(({ action }) => action).slice(1), ['files.share-used', 'files.share-continued']);
});

t.test('rests bring no more than the downloads that counted', async (test) => {
  const h = harness();
  const { get, uses } = await shared(h, { maxDownloads: 2 });
  test.equal(await get({ range: 'bytes=1-' }), 200, 'without a beginning it is one');
  test.equal(await uses(), 1);
  test.equal(await get({ range: 'bytes=1-' }), 200);
  test.equal(await uses(), 1, 'now it may be a rest');
  test.equal(await get({ range: 'bytes=1-' }), 200);
  test.equal(await uses(), 2, 'and no second time');
  const statuses = await Promise.all(Array.from({ length: 6 }, () => get({ range: 'bytes=1-' })));
  test.same(statuses.toSorted(), [200, 404, 404, 404, 404, 404], 'in a crowd neither');
});

t.test('a revoked link ends also rests and news', async (test) => {
  const h = harness();
  const { id, get } = await shared(h, {});
  test.equal(await get(), 200);
  await h.db('shares', 'update', [{ fileId: id }, { revokedAt: '2026-01-01T00:00:00.000Z' }]);
  test.same([await get({ range: 'bytes=1-' }), await get({ 'if-none-match': etag })], [404, 404]);
});
