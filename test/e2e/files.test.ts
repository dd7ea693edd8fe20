import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import t from 'tap';
import { plugins } from '../../config/plugins.ts';
import { send, testServer, type TestUser } from '../support/server.ts';

/* What only the whole server shows: PostgreSQL's own search, links without credentials, ranges, and crowds. */

t.setTimeout(120_000);
const server = await testServer(t, { entries: plugins });
const ada = await server.register('ada');
const eve = await server.register('eve');

async function upload(user: TestUser, filename: string, text: string, type = 'text/plain'): Promise<string> {
  const form = new FormData();
  form.append('file', new Blob([text], { type }), filename);
  form.append('options', JSON.stringify({ processImmediately: false }));
  const { status, body } = await user.send('POST', '/api/files/upload', form);
  if (status !== 201) throw new Error(`upload answered ${status}`);
  return body.id as string;
}

const found = async (user: TestUser, query: string): Promise<string[]> => ((await user.send('GET', `/api/files?${query}`)).body.items as { filename: string }[]).map(({ filename }) => filename);

t.test('search by PostgreSQL', async (t) => {
  await upload(ada, 'Report 50%.txt', 'one');
  const id = await upload(ada, 'report_final.txt', 'two two');
  await upload(ada, 'ÄRGER.txt', 'three');
  t.same(await found(ada, 'sort=createdAt&order=asc'), ['Report 50%.txt', 'report_final.txt', 'ÄRGER.txt']);
  t.same((await found(ada, 'namePrefix=REPORT')).toSorted(), ['Report 50%.txt', 'report_final.txt']);
  t.same(await found(ada, 'name=%25'), ['Report 50%.txt']);
  t.same(await found(ada, 'name=t_f'), ['report_final.txt']);
  t.same(await found(ada, 'name=%5C'), []);
  t.equal((await ada.send('GET', '/api/files?name=%00')).status < 500, true);
  t.same(await found(ada, `name=${encodeURIComponent('ärg')}`), ['ÄRGER.txt']);
  t.same(await found(ada, 'sort=sizeBytes&limit=1'), ['report_final.txt']);
  t.equal((await found(ada, 'mimeType=text/*')).length, 3);
  t.match(await ada.send('PATCH', `/api/files/${id}`, { tags: ['tax "2026"', 'ünï'] }), { status: 200 });
  t.same(await found(ada, `tag=${encodeURIComponent('tax "2026"')}`), ['report_final.txt']);
  t.same(await found(ada, `from=${encodeURIComponent('2001-01-01T00:00:00Z')}&to=${encodeURIComponent('2001-01-02T00:00:00+02:00')}`), []);
  t.same(await found(eve, 'sort=name'), []);
  const first = (await ada.send('GET', '/api/files?sort=name&order=asc&limit=2')).body;
  t.same(await found(ada, `sort=name&order=asc&limit=2&cursor=${encodeURIComponent(first.nextCursor)}`), ['ÄRGER.txt']);
  t.match(await ada.send('GET', '/api/files?cursor=nonsense'), { status: 400 });
});

t.test('into the trash and back', async (t) => {
  const id = await upload(ada, 'trash.txt', 'kept');
  t.equal((await ada.send('DELETE', `/api/files/${id}`)).status, 204);
  t.equal((await ada.send('GET', `/api/files/${id}/download`)).status, 404);
  t.same(await found(ada, 'trash=true'), ['trash.txt']);
  t.equal((await eve.send('POST', `/api/files/${id}/restore`)).status, 404);
  t.equal((await ada.send('POST', `/api/files/${id}/restore`)).status, 200);
  t.match(await ada.send('GET', `/api/files/${id}/download`), { status: 200, body: 'kept' });
});

t.test('a shared link, without credentials', async (t) => {
  const id = await upload(ada, 'shared.txt', '0123456789');
  const made = await ada.send('POST', `/api/files/${id}/share`, { maxDownloads: 4 });
  t.match(made, { status: 201, body: { path: /^\/api\/files\/shared\/./ } });
  const { path, id: shareId } = made.body;
  const whole = await send(server.url, 'GET', path);
  t.match(whole, { status: 200, body: '0123456789' });
  t.match(Object.fromEntries(whole.headers), { 'content-disposition': /^attachment; filename="?shared\.txt/, 'cache-control': 'private, no-store', 'accept-ranges': 'bytes', 'x-content-type-options': 'nosniff' });
  t.match(await send(server.url, 'GET', path, undefined, { range: 'bytes=2-4' }), { status: 206, body: '234' });
  t.match(await eve.send('GET', path), { status: 200, body: '0123456789' }, 'for a stranger who is signed in as well');
  const crowd = (await Promise.all(Array.from({ length: 8 }, () => send(server.url, 'GET', path)))).map(({ status }) => status);
  t.same(crowd.toSorted(), [200, 200, 404, 404, 404, 404, 404, 404], 'the range was the rest of a download');
  t.match(await send(server.url, 'GET', path, undefined, { 'if-none-match': whole.headers.get('etag') ?? '' }), { status: 304 });
  t.match((await ada.send('GET', `/api/files/${id}/shares`)).body.items, [{ id: shareId, downloads: 4, status: 'used-up' }]);
  const strip = ({ body }: { body: { error: string; message: string } }) => ({ error: body.error, message: body.message });
  const [usedUp, forged] = [await send(server.url, 'GET', path), await send(server.url, 'GET', `${path.slice(0, -4)}AAAA`)];
  t.same([usedUp.status, strip(usedUp)], [forged.status, strip(forged)], 'a link that is over is as good as a wrong one');
  const second = (await ada.send('POST', `/api/files/${id}/share`, {})).body;
  t.equal((await ada.send('DELETE', `/api/files/${id}/shares/${second.id}`)).status, 204);
  t.equal((await send(server.url, 'GET', second.path)).status, 404);
});

t.test('a link with a password', async (t) => {
  const id = await upload(ada, 'locked.txt', '0123456789');
  const { path } = (await ada.send('POST', `/api/files/${id}/share`, { password: 'Violet-Kettle' })).body;
  t.match(await send(server.url, 'GET', path), { status: 401, body: { error: 'SHARE_PASSWORD_REQUIRED' } });
  t.match(await send(server.url, 'GET', path, undefined, { 'x-share-password': 'wrong one' }), { status: 401 });
  t.match(await send(server.url, 'GET', path, undefined, { 'x-share-password': 'Violet-Kettle', range: 'bytes=8-' }), { status: 206, body: '89' });
  t.match(await send(server.url, 'POST', path, { password: 'Violet-Kettle' }), { status: 200, body: '0123456789' });
});

t.test('folders and versions, changed by a crowd', async (t) => {
  const folder = async (name: string): Promise<string> => (await ada.send('POST', '/api/files/folders', { name })).body.id;
  const [a, b] = [await folder('a'), await folder('b')];
  const move = (id: string, parentId: string) => ada.send('PATCH', `/api/files/folders/${id}`, { parentId });
  t.same((await Promise.all([move(a, b), move(b, a)])).map(({ status }) => status).toSorted(), [200, 409], 'no circle');
  t.same((await Promise.all([1, 2, 3].map(() => ada.send('POST', '/api/files/folders', { name: 'same' })))).map(({ status }) => status).toSorted(), [201, 409, 409]);
  const id = await upload(ada, 'crowd.txt', '1');
  const version = (text: string) => {
    const form = new FormData();
    form.append('file', new Blob([text], { type: 'text/plain' }), 'crowd.txt');
    form.append('options', JSON.stringify({ processImmediately: false }));
    return ada.send('POST', `/api/files/${id}/versions`, form);
  };
  const made = await Promise.all(['2', '3', '4'].map(version));
  t.same(made.map(({ body }) => body.version).toSorted(), [2, 3, 4]);
  t.same((await ada.send('GET', `/api/files/${id}/versions`)).body.items.map(({ number }: { number: number }) => number), [4, 3, 2, 1]);
  t.match(await ada.send('GET', `/api/files/${id}/download?version=1`), { status: 200, body: '1' });
  t.match(await ada.send('POST', `/api/files/${id}/versions/1/restore`), { status: 201, body: { version: 5, sizeBytes: 1 } });
  t.match(await ada.send('GET', `/api/files/${id}/download`), { status: 200, body: '1' });
  t.match(await ada.send('PATCH', `/api/files/${id}`, { folderId: a }), { status: 200 });
  t.match(await ada.send('DELETE', `/api/files/folders/${a}`), { status: 409 });
});

t.test('hundreds of files in one form', async (t) => {
  const count = Number(process.env['TEST_BULK_FILES'] ?? 200);
  const form = new FormData();
  form.append('options', JSON.stringify({ processImmediately: false }));
  for (let at = 0; at < count; at += 1) form.append('files', new Blob([`content ${at}`], { type: 'text/plain' }), `bulk ${String(at).padStart(4, '0')}.txt`);
  const { status, body } = await eve.send('POST', '/api/files/bulk-upload', form);
  t.equal(status, 201);
  t.match(body, { total: count, succeeded: count, failed: 0 });
  const { file } = body.items[count - 1];
  t.match(await eve.send('GET', `/api/files/${file.id}/download`), { status: 200, body: `content ${count - 1}` });
  t.same(await found(eve, 'namePrefix=bulk&sort=name&order=desc&limit=1'), [file.filename]);
});

t.test('a thumbnail by the plugins that draw', async (t) => {
  const content = await readFile(join(dirname(createRequire(import.meta.url).resolve('jpeg-exif/package.json')), 'test/IMG_0003.JPG'));
  const form = new FormData();
  form.append('file', new Blob([content], { type: 'image/jpeg' }), 'photo.jpg');
  form.append('options', JSON.stringify({ processImmediately: false }));
  const { id } = (await ada.send('POST', '/api/files/upload', form)).body;
  const get = (headers: Record<string, string> = {}) => fetch(`${server.url}/api/files/${id}/thumbnail?edge=100`, { headers: { authorization: `Bearer ${ada.accessToken}`, ...headers } });
  const made = await get();
  t.match({ status: made.status, type: made.headers.get('content-type'), disposition: made.headers.get('content-disposition') }, { status: 200, type: 'image/webp', disposition: /^inline/ });
  t.equal(Buffer.from(await made.arrayBuffer()).toString('latin1', 8, 12), 'WEBP');
  t.equal((await get({ 'if-none-match': made.headers.get('etag') ?? '' })).status, 304);
  t.equal((await eve.send('GET', `/api/files/${id}/thumbnail`)).status, 404);
  const text = await upload(ada, 'plain.txt', 'nothing to see');
  t.match(await ada.send('GET', `/api/files/${text}/thumbnail`), { status: 404, body: { error: 'THUMBNAIL_UNAVAILABLE' } });
});
