import { createHash } from 'node:crypto';
import t from 'tap';
import { harness, jpeg, names, nobody } from './support.ts';

const path = '/api/files/upload';
const file = { field: 'file', filename: 'beach.jpg', mimeType: 'image/jpeg', content: jpeg };

t.test('refused uploads leave nothing behind', async (test) => {
  const h = harness();
  const refusals = [
    { init: { as: nobody, files: [file] }, status: 401, error: 'UNAUTHORIZED' },
    { init: { as: { role: 'viewer' as const }, files: [file] }, status: 403, error: 'FORBIDDEN' },
    { init: {}, status: 400, error: 'VALIDATION_ERROR' },
    { init: { files: [{ ...file, field: 'photo' }] }, status: 400, error: 'VALIDATION_ERROR' },
    { init: { files: [file, file] }, status: 400, error: 'VALIDATION_ERROR' },
    { init: { files: [file], body: { options: { processImmediately: 'perhaps' } } }, status: 400, error: 'VALIDATION_ERROR' },
    { init: { files: [file], body: { options: { procesImmediately: true } } }, status: 400, error: 'VALIDATION_ERROR' },
    { init: { files: [file], body: { folder: 'x' } }, status: 400, error: 'VALIDATION_ERROR' },
  ];
  for (const { init, status, error } of refusals) {
    const response = await h.request('POST', path, init);
    test.equal(response.status, status);
    test.equal(response.body.error, error);
  }
  test.equal((await h.request('POST', path)).body.details.field, 'file');
  test.same(h.events, []);
  test.same(h.jobs, []);
  test.equal(await h.db('documents', 'count', [{}]), 0);
});

t.test('content is dropped when its record cannot be written', async (test) => {
  const h = harness({ granted: ['files:read', 'files:write', 'jobs'] });
  const response = await h.request('POST', path, { files: [file] });
  test.equal(response.status, 403, 'the event was not granted, so the transaction failed');
  test.equal(await h.db('documents', 'count', [{}]), 0);
  test.same(h.events, []);
});

t.test('an upload is stored, announced and queued, in one go', async (test) => {
  const h = harness();
  const { status, body, headers } = await h.request('POST', path, { files: [file] });
  test.equal(status, 201);
  test.equal(headers.location, `/api/files/${body.id}`);
  const sha256 = createHash('sha256').update(jpeg).digest('hex');
  test.match(body, { filename: 'beach.jpg', mimeType: 'image/jpeg', declaredType: 'image/jpeg', typeMismatch: false, sizeBytes: jpeg.length, sha256, status: 'queued', progress: 0, error: null });
  test.notOk('contentId' in body || 'activeRunId' in body, 'what is inside stays inside');
  test.same(names(h), ['files.uploaded', 'files.process-requested'], 'and no others');
  const facts = { fileId: body.id, documentId: body.id, filename: 'beach.jpg', mimeType: 'image/jpeg', sizeBytes: jpeg.length, sha256 };
  test.same(h.events[0]?.payload, facts);
  const { runId, ...request } = h.events[1]?.payload ?? {};
  test.same(request, { ...facts, options: { extractMetadata: true, ocr: 'auto' } });
  test.type(runId, 'string');
  test.same(h.jobs, []);
});

t.test('options are honoured', async (test) => {
  const h = harness();
  const later = await h.request('POST', path, { files: [file], body: { options: { processImmediately: false } } });
  test.match(later, { status: 201, body: { status: 'queued' } });
  test.same(names(h), ['files.uploaded']);
  await h.request('POST', path, { files: [file], body: { options: '{"extractMetadata":false,"ocr":"off"}' } });
  test.match(h.events.at(-1), { name: 'files.process-requested', payload: { options: { extractMetadata: false, ocr: 'off' } } });
});

t.test('an empty file and a wrong word about the type are taken as they are', async (test) => {
  const h = harness();
  test.match(await h.request('POST', path, { files: [{ ...file, content: '' }] }), { status: 201, body: { sizeBytes: 0 } });
  test.match(await h.request('POST', path, { files: [{ ...file, mimeType: 'application/pdf' }] }), { status: 201, body: { mimeType: 'image/jpeg', declaredType: 'application/pdf', typeMismatch: true } });
  const { mimeType: _, ...silent } = file;
  test.match(await h.request('POST', path, { files: [silent] }), { status: 201, body: { declaredType: null, typeMismatch: false } });
});
