import { strFromU8, unzipSync } from 'fflate';
import t from 'tap';
import type { ExportPage } from '../contract.ts';
import { harness, me, otherTenant } from './support.ts';

const contents = (bytes: Uint8Array | null): Record<string, string> => Object.fromEntries(Object.entries(unzipSync(bytes ?? new Uint8Array())).map(([path, content]) => [path, strFromU8(content)]));

t.test('an archive of what kernel and plugins hold, page by page, with paths that stay inside', async (t) => {
  const handles: string[] = [];
  const pages = [
    [{ path: 'notes/1.json', json: { text: 'ä' } }, { path: '../../etc/passwd', text: 'one' }],
    [{ path: 'etc/passwd', text: 'two' }, { path: 'C:\\evil\u0000name', text: 'three' }, { path: '..', text: 'four' }],
  ];
  const h = harness({
    hooks: {
      'users.export': ({ userId, page, parts }: ExportPage) => {
        t.equal(userId, me);
        const files = page === 1 ? handles.map((file) => ({ path: 'photo.jpg', file })) : [];
        return { patch: { parts: [...parts, ...(pages[page] ?? []), ...files] as never, more: page + 1 < pages.length } };
      },
    },
  });
  handles.push((await h.shareFile('jpeg bytes', { mimeType: 'image/jpeg', ttlSeconds: 7200 })).handle);
  const started = await h.request('POST', '/api/users/account/export');
  t.match(started, { status: 202, body: { state: 'queued', downloadUrl: null } });
  t.equal((await h.request('POST', '/api/users/account/export')).body.id, started.body.id, 'one at a time');
  t.match(await h.request('GET', `/api/users/account/export/${started.body.id}/download`), { status: 409, body: { error: 'EXPORT_NOT_READY' } });
  t.same((await h.runJobs()).map(({ name, state }) => ({ name, state })), [{ name: 'build-export', state: 'completed' }]);
  const { body } = await h.request('GET', `/api/users/account/export/${started.body.id}`);
  t.match(body, { state: 'completed', downloadUrl: `/api/users/account/export/${started.body.id}/download` });
  t.equal((await h.request('GET', body.downloadUrl, { as: otherTenant })).status, 404);
  const download = await h.request('GET', body.downloadUrl);
  t.match(download.headers, { 'content-type': 'application/zip' });
  const files = contents(download.bytes);
  t.same(Object.keys(files).toSorted(), ['README.txt', 'account.json', 'activity.jsonl', 'avatar.webp', 'plugins/C_/evil_name', 'plugins/etc/passwd', 'plugins/etc/passwd (2)', 'plugins/notes/1.json', 'plugins/photo.jpg', 'plugins/unnamed'].toSorted());
  t.match(JSON.parse(files['plugins/notes/1.json'] ?? ''), { text: 'ä' });
  t.equal(files['plugins/photo.jpg'], 'jpeg bytes');
  t.match(files['activity.jsonl'], /"auth.logged-in"/);
  t.match(h.audited, [{ action: 'users.export-requested', target: me }]);
});

t.test('an export that cannot be whole fails, and says so after its last try', async (t) => {
  const h = harness({ hooks: { 'users.export': () => ({ refuse: { code: 'NOT_NOW', message: 'No.' } }) } });
  const { body } = await h.request('POST', '/api/users/account/export');
  for (let round = 0; round < 5; round += 1) {
    await h.runJobs();
    h.clock.advance(600_000);
  }
  t.match(await h.request('GET', `/api/users/account/export/${body.id}`), { body: { state: 'failed', downloadUrl: null, error: { code: String } } });
});

t.test('exports expire', async (t) => {
  const h = harness();
  const { body } = await h.request('POST', '/api/users/account/export');
  await h.runJobs();
  h.clock.advance(8 * 86_400_000);
  const job = h.sendJob('expire-exports', {});
  await h.runJobs();
  t.equal(job.state, 'completed');
  t.equal((await h.request('GET', `/api/users/account/export/${body.id}`)).status, process.env['PROOFPIX_TEST_RUNTIME'] === undefined ? 404 : 200, 'in the sandbox time is the machine’s');
});
