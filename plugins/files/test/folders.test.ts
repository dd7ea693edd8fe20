import type { Harness, Identity } from '@proofpix/sdk/testing';
import t from 'tap';
import { absentId, harness, names, nobody, otherMember, otherTenant } from './support.ts';

const path = '/api/files/folders';
const quiet = { options: { processImmediately: false } };

const create = (h: Harness, name: string, parentId: string | null = null) => h.request('POST', path, { body: { name, parentId } });
const made = async (h: Harness, name: string, parentId: string | null = null) => (await create(h, name, parentId)).body.id as string;
const upload = (h: Harness, folderId: string, as?: Identity) =>
  h.request('POST', '/api/files/upload', { files: [{ field: 'file', filename: 'a.txt', mimeType: 'text/plain', content: 'a' }], body: { ...quiet, folderId }, ...(as === undefined ? {} : { as }) });
const inside = async (h: Harness, query: string) => ((await h.request('GET', `/api/files?${query}`)).body.items as { id: string }[]).map(({ id }) => id);

t.test('folders are refused', async (test) => {
  const h = harness();
  const id = await made(h, 'Taxes');
  const asked = [
    ['POST', path, { body: { name: 'x' } }, 'files:write'],
    ['GET', path, {}, 'files:read'],
    ['GET', `${path}/${id}`, {}, 'files:read'],
    ['PATCH', `${path}/${id}`, { body: { name: 'x' } }, 'files:write'],
    ['DELETE', `${path}/${id}`, {}, 'files:delete'],
  ] as const;
  for (const [method, at, init, permission] of asked) {
    test.equal((await h.request(method, at, { ...init, as: nobody })).status, 401);
    test.match(await h.request(method, at, { ...init, as: { role: null } }), { status: 403, body: { details: { permission } } });
    if (at !== path) test.equal((await h.request(method, at, { ...init, as: { ...otherTenant, role: 'member' } })).status, 404);
    if (at !== path) test.equal((await h.request(method, `${path}/${absentId}`, init)).status, 404);
  }
  for (const body of [{}, { name: '' }, { name: ' ' }, { name: 'a/b' }, { name: '..' }, { name: '\u0007' }, { name: 'x', parentId: 'y' }]) test.equal((await h.request('POST', path, { body })).status, 400, JSON.stringify(body));
  test.equal((await create(h, 'x', absentId)).status, 404);
  test.equal((await h.request('POST', path, { as: { ...otherTenant, role: 'member' }, body: { name: 'x', parentId: id } })).status, 404, 'below a folder of another tenant');
  test.equal((await upload(h, absentId)).status, 404);
  test.equal((await upload(h, id, { ...otherTenant, role: 'member' })).status, 404);
  test.equal(await h.db('documents', 'count', [{}]), 0);
  test.same(h.events, []);
});

t.test('names are unique in a folder, whatever their case', async (test) => {
  const h = harness();
  const id = await made(h, 'Ärger');
  test.match(await create(h, 'ÄRGER'), { status: 409, body: { error: 'FOLDER_EXISTS' } });
  const below = await made(h, 'ärger', id);
  test.match(await h.request('PATCH', `${path}/${below}`, { body: { parentId: null } }), { status: 409, body: { error: 'FOLDER_EXISTS' } });
  test.match(await h.request('PATCH', `${path}/${id}`, { body: { name: 'ÄRGER' } }), { status: 200, body: { name: 'ÄRGER' } }, 'its own name in another case');
  test.match((await h.request('GET', `${path}/${below}`)).body, { name: 'ärger', parentId: id, path: [{ id, name: 'ÄRGER' }, { id: below, name: 'ärger' }] });
  test.match((await h.request('GET', path)).body, { items: [{ id }], nextCursor: null });
  test.match((await h.request('GET', `${path}?parentId=${id}`)).body.items, [{ id: below }]);
  const both = await Promise.all([create(h, 'New'), create(h, 'new')]);
  test.same(both.map(({ status }) => status).toSorted(), [201, 409]);
});

t.test('a folder never lies in itself, and not too deep', async (test) => {
  const h = harness();
  const [a, b] = [await made(h, 'a'), await made(h, 'b')];
  const move = (id: string, parentId: string) => h.request('PATCH', `${path}/${id}`, { body: { parentId } });
  test.match(await move(a, a), { status: 409, body: { error: 'FOLDER_CYCLE' } });
  const both = await Promise.all([move(a, b), move(b, a)]);
  test.same(both.map(({ status }) => status).toSorted(), [200, 409], 'of two moves at once one wins');
  let deepest: string | null = null;
  for (let depth = 1; depth <= 20; depth += 1) deepest = await made(h, 'deep', deepest);
  test.match(await create(h, 'deeper', deepest), { status: 409, body: { error: 'FOLDER_TOO_DEEP', details: { maxDepth: 20 } } });
  const top = (await h.db('folders', 'findOne', [{ name: 'deep', parentId: null }])) as { id: string };
  test.match(await move(top.id, await made(h, 'one more')), { status: 409, body: { error: 'FOLDER_TOO_DEEP' } });
});

t.test('files lie in folders and move between them', async (test) => {
  const h = harness();
  const [a, b] = [await made(h, 'a'), await made(h, 'b')];
  const { body: file } = await upload(h, a);
  test.equal(file.folderId, a);
  test.same([await inside(h, `folder=${a}`), await inside(h, `folder=${b}`), await inside(h, 'folder=top'), await inside(h, '')], [[file.id], [], [], [file.id]]);
  const before = h.events.length;
  test.match(await h.request('PATCH', `/api/files/${file.id}`, { body: { folderId: b } }), { status: 200, body: { folderId: b } });
  test.match(h.events.slice(before), [{ name: 'files.updated', payload: { fileId: file.id, folderId: b } }]);
  test.equal((await h.request('PATCH', `/api/files/${file.id}`, { body: { folderId: absentId } })).status, 404);
  test.match(await h.request('PATCH', `/api/files/${file.id}`, { body: { folderId: null } }), { body: { folderId: null } });
  test.same(await inside(h, 'folder=top'), [file.id]);
  test.equal((await h.request('GET', '/api/files?folder=bottom')).status, 400);
});

t.test('only an empty folder is simply deleted', async (test) => {
  const h = harness();
  const a = await made(h, 'a');
  const below = await made(h, 'below', a);
  const { body: file } = await upload(h, below);
  for (const id of [a, below]) test.match(await h.request('DELETE', `${path}/${id}`), { status: 409, body: { error: 'FOLDER_NOT_EMPTY' } });
  test.equal(await h.db('folders', 'count', [{}]), 2);
  await h.request('DELETE', `/api/files/${file.id}`);
  test.equal((await h.request('DELETE', `${path}/${below}`)).status, 204, 'the trash counts for nothing');
  test.match((await h.request('POST', `/api/files/${file.id}/restore`)).body, { folderId: null }, 'it comes back at the top');
  test.equal((await h.request('DELETE', `${path}/${a}`)).status, 204);
  test.equal((await h.request('DELETE', `${path}/${a}`)).status, 404, 'a second time');
});

t.test('with what lies in it a folder goes as its files may', async (test) => {
  const h = harness();
  const a = await made(h, 'a');
  const below = await made(h, 'below', a);
  const other = await made(h, 'other');
  const [mine, deep, elsewhere] = [(await upload(h, a)).body.id, (await upload(h, below)).body.id, (await upload(h, other)).body.id];
  const theirs = (await upload(h, below, otherMember)).body.id;
  test.match(await h.request('DELETE', `${path}/${a}?recursive=true`, { as: { ...otherMember, userId: '018f0000-0000-7000-8000-0000000000dd' } }), { status: 403, body: { details: { permission: 'files:delete-any' } } });
  test.equal(await h.db('folders', 'count', [{}]), 3);
  test.equal((await h.request('DELETE', `${path}/${a}?recursive=true`, { as: { role: 'admin' } })).status, 204);
  test.same((await inside(h, 'trash=true')).toSorted(), [mine, deep, theirs].toSorted());
  test.same(await inside(h, ''), [elsewhere]);
  test.match((await h.request('GET', path)).body.items, [{ id: other }]);
  test.equal(names(h).filter((name) => name === 'files.trashed').length, 3);
  await h.emit({ name: 'teams.deleted', payload: { teamId: '018f0000-0000-7000-8000-00000000000a' } });
  test.equal(await h.db('folders', 'count', [{}]), 0);
});
