import type { Harness } from '@proofpix/sdk/testing';
import t from 'tap';
import { harness, jpeg, names, nobody, otherMember, otherTenant, uploaded } from './support.ts';

async function named(h: Harness, filename: string, mimeType = 'text/plain', content: Uint8Array | string = filename): Promise<string> {
  const { body } = await h.request('POST', '/api/files/upload', { files: [{ field: 'file', filename, mimeType, content }], body: { options: { processImmediately: false } } });
  return body.id as string;
}

const found = async (h: Harness, query: string) => ((await h.request('GET', `/api/files?${query}`)).body.items as { filename: string }[]).map(({ filename }) => filename);

t.test('listing is refused', async (test) => {
  const h = harness();
  await uploaded(h);
  test.equal((await h.request('GET', '/api/files', { as: nobody })).status, 401);
  test.equal((await h.request('GET', '/api/files', { as: { role: null } })).status, 403);
  test.same((await h.request('GET', '/api/files', { as: otherTenant })).body, { items: [], nextCursor: null });
  for (const query of ['limit=0', 'limit=201', 'sort=contentId', 'order=up', 'from=yesterday', 'mimeType=image', 'ownerId=me', 'contentId=x', 'cursor=nonsense']) {
    test.match(await h.request('GET', `/api/files?${query}`), { status: 400, body: { error: 'VALIDATION_ERROR' } }, query);
  }
});

t.test('files are found by name, type, owner, tag and time', async (test) => {
  const h = harness();
  await named(h, 'Report 50%.txt');
  await named(h, 'report_final.txt');
  await named(h, 'Beach Report.jpg', 'image/jpeg', jpeg);
  await h.request('POST', '/api/files/upload', { as: otherMember, files: [{ field: 'file', filename: 'theirs.txt', mimeType: 'text/plain', content: 'x' }] });
  test.same(await found(h, 'sort=name&order=asc'), ['Beach Report.jpg', 'Report 50%.txt', 'report_final.txt', 'theirs.txt']);
  test.same(await found(h, 'name=REPORT&sort=name&order=asc'), ['Beach Report.jpg', 'Report 50%.txt', 'report_final.txt']);
  test.same(await found(h, 'namePrefix=report&sort=name&order=asc'), ['Report 50%.txt', 'report_final.txt']);
  test.same(await found(h, 'name=%25'), ['Report 50%.txt'], 'a wildcard is a letter like others');
  test.same(await found(h, 'name=t_f'), ['report_final.txt']);
  test.same(await found(h, 'name=%5C'), []);
  test.same(await found(h, 'mimeType=image/*'), ['Beach Report.jpg']);
  test.same(await found(h, 'mimeType=IMAGE/jpeg'), ['Beach Report.jpg']);
  test.same(await found(h, 'mimeType=image/png'), []);
  test.same(await found(h, `ownerId=${otherMember.userId}`), ['theirs.txt']);
  test.same(await found(h, 'status=completed'), []);
  test.same(await found(h, 'tag=tax'), []);
  test.same(await found(h, 'to=2001-01-01T00:00:00Z'), []);
  test.equal((await found(h, 'from=2001-01-01T00:00:00Z')).length, 4);
  test.same(await found(h, 'sort=sizeBytes&order=desc&limit=1'), ['Beach Report.jpg']);
});

t.test('pages follow each other to the end', async (test) => {
  const h = harness();
  for (const letter of 'edcba') await named(h, letter);
  const seen: string[] = [];
  let cursor = '';
  do {
    const { body } = await h.request('GET', `/api/files?sort=name&order=asc&limit=2${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    seen.push(...(body.items as { filename: string }[]).map(({ filename }) => filename));
    cursor = body.nextCursor ?? '';
  } while (cursor !== '' && seen.length < 10);
  test.same(seen, ['a', 'b', 'c', 'd', 'e']);
});

t.test('changing is refused', async (test) => {
  const h = harness();
  const { id } = await uploaded(h);
  const before = names(h);
  const path = `/api/files/${id}`;
  const body = { filename: 'b.jpg' };
  test.equal((await h.request('PATCH', path, { as: nobody, body })).status, 401);
  test.match(await h.request('PATCH', path, { as: { role: 'viewer' }, body }), { status: 403, body: { details: { permission: 'files:write' } } });
  test.equal((await h.request('PATCH', path, { as: otherTenant, body })).status, 404);
  const refused = [{}, { filename: '' }, { filename: '  ' }, { filename: '..' }, { filename: 'a/b' }, { filename: 'a\\b' }, { filename: 'a\u0000' }, { filename: 'a\ud800' }, { filename: 'x'.repeat(256) }, { tags: ['a', 'a'] }, { tags: [''] }, { tags: ['\u0007'] }, { tags: Array.from({ length: 21 }, (_, at) => `t${at}`) }, { ownerId: id }];
  for (const one of refused) test.match(await h.request('PATCH', path, { body: one }), { status: 400, body: { error: 'VALIDATION_ERROR' } }, JSON.stringify(one).slice(0, 40));
  test.same(names(h), before);
  test.match((await h.request('GET', path)).body, { filename: 'a.jpg', tags: [] });
});

t.test('a file gets another name and tags, and is found by them', async (test) => {
  const h = harness();
  const { id } = await uploaded(h, { processImmediately: false });
  test.match(await h.request('PATCH', `/api/files/${id}`, { body: { filename: 'Ünïcode.jpg', tags: ['tax', '2026'] } }), { status: 200, body: { id, filename: 'Ünïcode.jpg', tags: ['tax', '2026'] } });
  test.match(h.events.at(-1), { name: 'files.updated', payload: { fileId: id, documentId: id, filename: 'Ünïcode.jpg', tags: ['tax', '2026'] } });
  test.equal(h.events.length, 2, 'and no others');
  test.same(await found(h, `namePrefix=${encodeURIComponent('ÜNÏ')}`), ['Ünïcode.jpg']);
  test.same(await found(h, 'tag=tax'), ['Ünïcode.jpg']);
  test.same(await found(h, 'tag=ta'), []);
  test.match(await h.request('PATCH', `/api/files/${id}`, { body: { tags: [] } }), { status: 200, body: { filename: 'Ünïcode.jpg', tags: [] } });
});
