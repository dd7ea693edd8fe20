import { PluginError } from '@proofpix/sdk';
import type { Harness, HarnessOptions } from '@proofpix/sdk/testing';
import t from 'tap';
import { absentId, harness, nobody, otherTenant, uploaded } from './support.ts';

const webp = Buffer.from('RIFF\0\0\0\0WEBPpicture');

/** The plugin among those that draw, which remember what they were asked. */
function drawing(answer: (method: string) => void = () => undefined, options: HarnessOptions = {}) {
  const asked: { method: string; edge?: number; maxEdge?: number }[] = [];
  const draw = (method: string) => (input: { edge?: number; maxEdge?: number }) => {
    asked.push({ method, ...input });
    answer(method);
    return { base64: webp.toString('base64'), width: 10, height: 10, pageCount: 1 };
  };
  const picture = (method: string) => (input: never) => {
    const { pageCount: _, ...rest } = draw(method)(input);
    return rest;
  };
  const h = harness({ services: { 'images.thumbnails': { make: picture('make'), makeOf: picture('makeOf') }, 'parsers.pages': { render: draw('render') } }, ...options });
  return { h, asked };
}

const get = (h: Harness, id: string, query = '', as: object = {}) => h.request('GET', `/api/files/${id}/thumbnail${query}`, { as });
const upload = async (h: Harness, content: string) => (await h.request('POST', '/api/files/upload', { files: [{ field: 'file', filename: 'a', content }] })).body.id as string;

t.test('who may not see a file sees no thumbnail of it', async (test) => {
  const { h, asked } = drawing();
  const { id } = await uploaded(h);
  test.equal((await get(h, id, '', nobody)).status, 401);
  test.match(await get(h, id, '', { role: null }), { status: 403, body: { details: { permission: 'files:read' } } });
  test.equal((await get(h, id, '', otherTenant)).status, 404);
  test.equal((await get(h, absentId)).status, 404);
  for (const query of ['?edge=0', '?edge=1025', '?edge=big', '?size=64']) test.equal((await get(h, id, query)).status, 400, query);
  await h.request('DELETE', `/api/files/${id}`);
  test.equal((await get(h, id)).status, 404, 'from the trash');
  test.same(asked, []);
});

t.test('content that a scanner has not passed is not shown', async (test) => {
  const { h, asked } = drawing(undefined, { settings: { scanUploads: true } });
  const { id } = await uploaded(h);
  test.match(await get(h, id), { status: 409, body: { error: 'FILE_QUARANTINED' } });
  test.same(asked, []);
});

t.test('a picture is made once for each size, and kept', async (test) => {
  const { h, asked } = drawing();
  const { id } = await uploaded(h);
  const events = h.events.length;
  const { status, headers, bytes } = await get(h, id);
  test.equal(status, 200);
  test.same(Buffer.from(bytes ?? []), webp);
  test.match(headers, { 'content-type': 'image/webp', 'content-disposition': 'inline', 'cache-control': 'private, max-age=300' });
  await get(h, id, '?edge=200');
  await get(h, id, '?edge=129', { role: 'viewer' });
  test.match(asked, [{ method: 'make', edge: 256 }], 'the next larger size that is kept');
  await get(h, id, '?edge=1024');
  test.match(asked, [{ edge: 256 }, { edge: 1024 }]);
  test.equal(h.events.length, events, 'nobody is told');
});

t.test('of a PDF the first page is shown', async (test) => {
  const { h, asked } = drawing();
  const id = await upload(h, '%PDF-1.7\n');
  test.equal((await get(h, id, '?edge=128')).status, 200);
  test.match(asked, [{ method: 'render', page: 1, maxEdge: 256 }, { method: 'makeOf', edge: 128 }]);
});

t.test('where there is nothing to show, nobody tries twice', async (test) => {
  const unavailable = { status: 404, body: { error: 'THUMBNAIL_UNAVAILABLE' } };
  const { h, asked } = drawing(() => {
    throw new PluginError({ code: 'IMAGE_BROKEN', kind: 'invalid', message: 'broken' });
  });
  test.match(await get(h, await upload(h, 'only text')), unavailable);
  test.same(asked, []);
  const { id } = await uploaded(h);
  test.match(await get(h, id), unavailable);
  test.match(await get(h, id), unavailable);
  test.equal(asked.length, 1);
});

t.test('what may go better another time is tried again', async (test) => {
  let busy = true;
  const { h, asked } = drawing(() => {
    if (busy) throw new PluginError({ code: 'UNAVAILABLE', kind: 'unavailable', message: 'busy' });
  });
  const { id } = await uploaded(h);
  test.equal((await get(h, id)).status, 503);
  busy = false;
  test.equal((await get(h, id)).status, 200);
  test.equal(asked.length, 2);
});

t.test('thumbnails go with the file, and two requests at once leave one', async (test) => {
  const { h } = drawing();
  const { id } = await uploaded(h);
  const both = await Promise.all([get(h, id), get(h, id)]);
  test.same(both.map(({ status }) => status), [200, 200]);
  const { items } = (await h.db('thumbnails', 'find', [{}])) as { items: { pictureId: string }[] };
  test.equal(items.length, 1);
  const pictureId = items[0]?.pictureId ?? '';
  test.ok(h.fileBytes(pictureId));
  await h.request('DELETE', `/api/files/${id}?permanent=true`);
  await h.runJobs();
  test.equal(h.fileBytes(pictureId), null);
  test.equal(await h.db('thumbnails', 'count', [{}]), 0);
});
