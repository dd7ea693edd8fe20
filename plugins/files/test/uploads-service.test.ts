import t from 'tap';
import { harness, names, otherTenant } from './support.ts';

const ref = 'files.uploads';

t.test('what another plugin made is not taken', async (test) => {
  const h = harness();
  const { handle } = await h.shareFile('content');
  const input = { handle, filename: 'copy.txt', tags: [], process: true };
  await test.rejects(h.serve(ref, 'add', input, { as: { role: 'viewer' } }), { code: 'FORBIDDEN', details: { permission: 'files:write' } });
  await test.rejects(h.serve(ref, 'add', input, { as: { ...otherTenant, role: 'member' } }), { code: 'NOT_FOUND' });
  await test.rejects(h.serve(ref, 'add', { ...input, filename: '../copy.txt' }), { code: 'VALIDATION_ERROR', details: { field: 'filename' } });
  await test.rejects(h.serve(ref, 'add', { ...input, tags: ['\u0007'] }), { code: 'VALIDATION_ERROR', details: { field: 'tags' } });
  test.same(h.events, []);
  test.equal(await h.db('documents', 'count', [{}]), 0);
});

t.test('it becomes a document of whoever asked', async (test) => {
  const h = harness();
  const { handle } = await h.shareFile('content', { mimeType: 'text/plain' });
  const { fileId } = (await h.serve(ref, 'add', { handle, filename: 'copy.txt', tags: ['redacted', 'redacted'], process: false })) as { fileId: string };
  test.same(names(h), ['files.uploaded']);
  const { body } = await h.request('GET', `/api/files/${fileId}`);
  test.match(body, { filename: 'copy.txt', tags: ['redacted'], declaredType: 'text/plain', status: 'queued', ownerId: '018f0000-0000-7000-8000-00000000000b' });
  test.equal((await h.request('GET', `/api/files/${fileId}/download`)).status, 200);
  await h.serve(ref, 'add', { handle, filename: 'again.txt', tags: [], process: true });
  test.same(names(h), ['files.uploaded', 'files.uploaded', 'files.process-requested']);
});
