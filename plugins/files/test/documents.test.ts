import t from 'tap';
import { absentId, harness, jpeg, otherTenant, uploaded } from './support.ts';

const ref = 'files.documents';

t.test('content is not opened', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  await test.rejects(h.serve(ref, 'open', { fileId: absentId }), { code: 'NOT_FOUND' });
  await test.rejects(h.serve(ref, 'open', { fileId: id, runId }, { as: otherTenant }), { code: 'NOT_FOUND' });
  await test.rejects(h.serve(ref, 'open', { fileId: id }, { as: { role: null } }), { code: 'FORBIDDEN', details: { permission: 'files:read' } });
  await test.rejects(h.serve(ref, 'open', { fileId: id, runId: absentId }), { code: 'RUN_NOT_ACTIVE' });
  await h.emit({ name: 'document-intelligence.failed', payload: { documentId: id, fileId: id, runId, error: { code: 'X', message: 'x' } } });
  await test.rejects(h.serve(ref, 'open', { fileId: id, runId }), { code: 'RUN_NOT_ACTIVE' }, 'the run has ended');
  await h.request('DELETE', `/api/files/${id}`);
  await test.rejects(h.serve(ref, 'open', { fileId: id, runId }), { code: 'NOT_FOUND' });
});

t.test('content is opened for a reader, and for the active run whoever asked for it', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  test.match(await h.serve(ref, 'open', { fileId: id }), { fileId: id, filename: 'a.jpg', mimeType: 'image/jpeg', sizeBytes: jpeg.length, declaredType: 'image/jpeg', typeMismatch: false, handle: String });
  test.match(await h.serve(ref, 'open', { fileId: id, runId }, { as: { role: null } }), { fileId: id, handle: String });
});
