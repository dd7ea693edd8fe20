import t from 'tap';
import { failure, fileId, missing, world } from './support.ts';

const path = '/api/document-intelligence/security-scan';

t.test('who may not', async (test) => {
  const { h, answers } = world();
  test.equal((await h.request('POST', path, { as: { userId: null }, body: { text: 'x' } })).status, 401);
  test.equal((await h.request('POST', path, { as: { role: 'viewer' }, body: { text: 'x' } })).status, 403);
  for (const body of [{}, { text: 'x', documentId: fileId }]) test.equal((await h.request('POST', path, { body })).status, 400);
  answers['files.documents.open'] = () => Promise.reject(failure('NOT_FOUND', 'not-found'));
  test.equal((await h.request('POST', path, { body: { documentId: fileId } })).status, 404);
});

t.test('secrets in a text, without telling them', async (test) => {
  const { h } = world();
  const { body } = await h.request('POST', path, { body: { text: 'key AKIAQ3EGUZ7NDYXW4KLM\npostgres://app:tr0ub4dor@db.example.org/x' } });
  test.same(body.malware, null);
  test.match(body.findings, [{ code: 'SECRET_AWS_ACCESS_KEY', severity: 'high' }, { code: 'SECRET_CONNECTION_STRING', severity: 'high' }]);
  test.notMatch(JSON.stringify(body), /AKIAQ3|tr0ub4dor/);
  test.same((await h.request('POST', path, { body: { text: 'nothing here' } })).body, { findings: [], malware: null });
});

t.test('a document: text, structure and malware; what is missing is left out', async (test) => {
  const w = world();
  w.pages.set(3, { text: 'password = "correct7horse9"', source: 'file' });
  w.answers['parsers.structure.inspect'] = () => ({ status: 'ok', findings: [{ code: 'MACROS', severity: 'high', message: 'It has macros.', where: 'vbaProject.bin' }], warnings: [] });
  w.answers['scanner.malware.scan'] = () => ({ verdict: 'infected', signature: 'Eicar', reason: null, engine: 'test' });
  const scan = async () => (await w.h.request('POST', path, { body: { documentId: fileId } })).body;
  test.match(await scan(), { malware: { verdict: 'infected' }, findings: [{ code: 'MACROS' }, { code: 'MALWARE', where: 'Eicar' }, { code: 'SECRET_ASSIGNED_SECRET', where: 'page 3' }] });

  w.answers['parsers.structure.inspect'] = () => Promise.reject(missing());
  w.answers['scanner.malware.scan'] = () => Promise.reject(missing());
  test.match(await scan(), { malware: null, findings: [{ code: 'SECRET_ASSIGNED_SECRET' }] });
  w.answers['scanner.malware.scan'] = () => Promise.reject(failure('SCANNER_UNAVAILABLE'));
  test.match(await scan(), { malware: { verdict: 'not-scanned', reason: 'SCANNER_UNAVAILABLE' } });
});
