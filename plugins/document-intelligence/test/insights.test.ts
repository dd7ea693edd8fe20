import t from 'tap';
import { failure, fileId, otherTenant, world, type World } from './support.ts';

const path = `/api/document-intelligence/insights/${fileId}`;
const runId = '018f0000-0000-4000-8000-0000000000a1';
const twinId = '018f0000-0000-7000-8000-0000000000f2';
const hiddenId = '018f0000-0000-7000-8000-0000000000f3';
const sha256 = 'a'.repeat(64);
const base = { filename: 'a.txt', mimeType: 'text/plain', sizeBytes: 1, options: { extractMetadata: true, ocr: 'auto' }, step: null, errorCode: null, finishedAt: null, typeMismatch: false, jobId: null, draft: null, labels: [] };

async function analysed(): Promise<World> {
  const w = world();
  w.answers['files.documents.open'] = async ({ fileId: id }: { fileId: string }) => {
    if (id === hiddenId) throw failure('NOT_FOUND', 'not-found');
    return { fileId: id, filename: id === twinId ? 'twin.txt' : 'a.txt', mimeType: 'text/plain', sizeBytes: 1, sha256, declaredType: null, typeMismatch: false, handle: 'h' };
  };
  await w.h.db('analyses', 'insert', [{ id: runId, fileId, ...base, sha256, state: 'completed' }]);
  const results = {
    language: { language: 'en', confidence: 0.9 },
    classification: { label: 'letter', confidence: 0.8, candidates: [], reasons: [], learned: false },
    'personal-data': { categories: [{ category: 'names', types: ['person'], count: 2, special: false }, { category: 'accounts', types: ['iban'], count: 1, special: true }], people: 2 },
    fingerprint: { simhash: '0004000300020001', words: 40 },
    security: { findings: [{ code: 'SECRET_JWT', severity: 'medium', message: 'A token.', where: null }], malware: null },
  };
  for (const [name, result] of Object.entries(results)) await w.h.db('steps', 'insert', [{ analysisId: runId, fileId, name, state: 'completed', result, errorCode: null, durationMs: 1 }]);
  const at = (type: string, start: number) => ({ type, start, end: start + 1, text: 'x', score: 1, validator: 'x', context: null });
  await w.h.db('entities', 'insert', [{ analysisId: runId, fileId, page: 1, found: [at('person', 0), at('iban', 2), at('date', 4)] }]);
  await w.h.db('entities', 'insert', [{ analysisId: runId, fileId, page: 2, found: [at('person', 0)] }]);
  const print = (id: string, simhash: string) => w.h.db('fingerprints', 'insert', [{ fileId: id, simhash, band0: Number.parseInt(simhash.slice(12), 16), band1: 2, band2: 3, band3: 4 }]);
  await print(fileId, '0004000300020001');
  await print(twinId, '0004000300020003');
  await print(hiddenId, '0004000300020001');
  await print('018f0000-0000-7000-8000-0000000000f4', 'fffbfffc00020001');
  return w;
}

t.test('who may not, and what is not there yet', async (test) => {
  const w = await analysed();
  test.equal((await w.h.request('GET', path, { as: { userId: null } })).status, 401);
  test.equal((await w.h.request('GET', path, { as: { role: null } })).status, 403);
  test.match(await w.h.request('GET', path, { as: otherTenant }), { status: 409, body: { error: 'NOT_ANALYSED' } });
  test.match(await world().h.request('GET', path), { status: 409, body: { error: 'NOT_ANALYSED' } });
  w.answers['files.documents.open'] = () => Promise.reject(failure('NOT_FOUND', 'not-found'));
  test.equal((await w.h.request('GET', path)).status, 404);
});

t.test('a score with its reasons, what to redact, and what is alike', async (test) => {
  const { h } = await analysed();
  const { status, body } = await h.request('GET', path, { as: { role: 'viewer' } });
  test.equal(status, 200);
  test.match(body, { documentId: fileId, jobId: runId, language: 'en', classification: { label: 'letter' } });
  test.equal(body.privacy.score, 100 - body.privacy.factors.reduce((sum: number, { points }: { points: number }) => sum + points, 0));
  test.same(body.privacy.factors.map(({ factor, points }: { factor: string; points: number }) => [factor, points]), [['accounts', 18], ['SECRET_JWT', 6], ['names', 5]]);
  test.same(body.privacy.notLookedAt, []);
  test.same(body.redact, [{ type: 'person', count: 2, pages: [1, 2] }, { type: 'iban', count: 1, pages: [1] }]);
  test.same(body.similar, [{ documentId: twinId, filename: 'twin.txt', similarity: 0.984 }], 'neither what may not be seen nor what is too far');
});

t.test('of a content that was replaced nothing is told', async (test) => {
  const w = await analysed();
  const open = w.answers['files.documents.open'] as (input: { fileId: string }) => Promise<object>;
  w.answers['files.documents.open'] = async (input: { fileId: string }) => ({ ...(await open(input)), sha256: 'b'.repeat(64) });
  test.match(await w.h.request('GET', path), { status: 409, body: { error: 'NOT_ANALYSED' } });
});
