import { PluginError } from '@proofpix/sdk';
import type { HarnessOptions } from '@proofpix/sdk/testing';
import t from 'tap';
import { absentId, harness, jpeg, names, nobody, otherTenant, uploaded } from './support.ts';

const clean = Buffer.from([...jpeg.slice(0, -2), 0, 0xff, 0xd9]);

/** The plugin beside one that strips everything of three groups. */
function stripping(refusal: PluginError | null = null, options: HarnessOptions = {}) {
  const asked: object[] = [];
  const h = harness({
    services: {
      'parsers.privacy': {
        async strip(input: object) {
          asked.push(input);
          if (refusal !== null) throw refusal;
          const { handle, file } = await h.shareFile(clean, { mimeType: 'image/jpeg' });
          return { file: handle, mimeType: 'image/jpeg', sizeBytes: file.sizeBytes, removed: ['ExifIFD', 'GPS', 'IFD0'] };
        },
      },
    },
    ...options,
  });
  return { h, asked };
}

t.test('stripping is refused', async (test) => {
  const { h, asked } = stripping();
  const { id } = await uploaded(h);
  const before = names(h);
  const path = `/api/files/${id}/strip`;
  test.equal((await h.request('POST', path, { as: nobody })).status, 401);
  test.match(await h.request('POST', path, { as: { role: null } }), { status: 403, body: { details: { permission: 'files:read' } } });
  test.match(await h.request('POST', path, { as: { role: 'viewer' } }), { status: 403, body: { details: { permission: 'files:write' } } });
  test.equal((await h.request('POST', path, { as: otherTenant })).status, 404);
  test.equal((await h.request('POST', `/api/files/${absentId}/strip`)).status, 404);
  for (const query of ['?download=perhaps', '?to=gps']) test.equal((await h.request('POST', `${path}${query}`)).status, 400, query);
  await h.request('DELETE', `/api/files/${id}`);
  test.equal((await h.request('POST', path)).status, 404, 'in the trash');
  test.same(asked, []);
  test.same(names(h), [...before, 'files.trashed']);
});

t.test('what a scanner has not passed, or nobody can strip, stays as it is', async (test) => {
  const locked = stripping(null, { settings: { scanUploads: true } });
  const { id: pending } = await uploaded(locked.h);
  test.match(await locked.h.request('POST', `/api/files/${pending}/strip`), { status: 409, body: { error: 'FILE_QUARANTINED' } });
  test.same(locked.asked, []);

  const { h } = stripping(new PluginError({ code: 'FILE_ENCRYPTED', kind: 'invalid', message: 'It needs a password.' }));
  const { id } = await uploaded(h);
  const before = names(h);
  for (const query of ['', '?download=true']) test.match(await h.request('POST', `/api/files/${id}/strip${query}`), { status: 400, body: { error: 'FILE_ENCRYPTED' } });
  test.same(names(h), before);
  test.equal(await h.db('documents', 'count', [{}]), 1);
});

t.test('a copy without metadata becomes a file of its own', async (test) => {
  const { h, asked } = stripping();
  const { id } = await uploaded(h);
  const before = h.events.length;
  const { status, body, headers } = await h.request('POST', `/api/files/${id}/strip`);
  test.equal(status, 201);
  test.match(body, { filename: 'a (stripped).jpg', mimeType: 'image/jpeg', sizeBytes: clean.length, status: 'queued', removed: ['ExifIFD', 'GPS', 'IFD0'] });
  test.not(body.id, id);
  test.equal(headers.location, `/api/files/${body.id}`);
  test.match(asked, [{ mimeType: 'image/jpeg', filename: 'a.jpg' }]);
  test.same(h.events.slice(before).map(({ name }) => name), ['files.uploaded', 'files.process-requested'], 'as an upload');
  test.same(Buffer.from((await h.request('GET', `/api/files/${body.id}/download`)).bytes ?? []), clean);
  test.same(Buffer.from((await h.request('GET', `/api/files/${id}/download`)).bytes ?? []), Buffer.from(jpeg), 'the original is as it was');
  await h.request('POST', `/api/files/${id}/strip?processImmediately=false`);
  test.equal(names(h).at(-1), 'files.uploaded');
});

t.test('a copy to take away is stored nowhere', async (test) => {
  const { h } = stripping();
  const { id } = await uploaded(h);
  const before = names(h);
  const { status, headers, bytes } = await h.request('POST', `/api/files/${id}/strip?download=true`, { as: { role: 'viewer' } });
  test.equal(status, 200);
  test.same(Buffer.from(bytes ?? []), clean);
  test.match(headers, { 'content-type': 'image/jpeg', 'content-disposition': 'attachment; filename="a (stripped).jpg"', 'cache-control': 'private, no-store' });
  test.same(names(h), before);
  test.equal(await h.db('documents', 'count', [{}]), 1);
});
