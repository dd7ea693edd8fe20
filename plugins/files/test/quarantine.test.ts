import { Unavailable } from '@proofpix/sdk';
import type { Harness } from '@proofpix/sdk/testing';
import t, { type Test } from 'tap';
import { harness, names, nobody, otherTenant, uploaded } from './support.ts';

type Verdict = { verdict: string; signature: string | null; reason: string | null; engine: string | null };
const clean: Verdict = { verdict: 'clean', signature: null, reason: null, engine: 'ClamAV 1.4' };
const infected: Verdict = { ...clean, verdict: 'infected', signature: 'Eicar-Test-Signature' };

/** A deployment with a scanner, which answers what the test has it say. */
function scanning() {
  const scanner = { verdict: clean as Verdict | 'down', scans: 0 };
  const h = harness({
    settings: { scanUploads: true },
    services: {
      'scanner.malware': {
        scan: () => {
          scanner.scans += 1;
          if (scanner.verdict === 'down') throw Unavailable();
          return scanner.verdict;
        },
      },
    },
  });
  return { h, scanner };
}

const record = async (h: Harness, id: string) => (await h.request('GET', `/api/files/${id}`)).body;
const quarantined = { status: 409, body: { error: 'FILE_QUARANTINED' } };

async function refusesAll(test: Test, h: Harness, id: string, state: string): Promise<void> {
  const asked = [
    ['GET', `/api/files/${id}/download`],
    ['GET', `/api/files/${id}/download?version=1`],
    ['POST', `/api/files/${id}/share`],
    ['POST', `/api/files/${id}/process`],
    ['POST', `/api/files/${id}/reprocess`],
    ['POST', `/api/files/${id}/versions/1/restore`],
  ] as const;
  for (const [method, path] of asked) test.match(await h.request(method, path, path.endsWith('share') ? { body: {} } : {}), { ...quarantined, body: { details: { state } } }, path);
  await test.rejects(h.serve('files.documents', 'open', { fileId: id }), { code: 'FILE_QUARANTINED' });
  await test.rejects(h.serve('files.processing', 'start', { fileId: id, replace: true, options: { extractMetadata: true } }), { code: 'FILE_QUARANTINED' });
}

t.test('without a scanner nothing is locked, and the record says so', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  test.match(await record(h, id), { scan: { state: 'not-scanned', signature: null, scannedAt: null, reason: 'NO_SCANNER' } });
  test.ok(runId);
  test.equal((await h.request('GET', `/api/files/${id}/download`)).status, 200);
  test.same(h.jobs, []);
});

t.test('new content is locked until the scanner has passed it, and processed then', async (test) => {
  const { h, scanner } = scanning();
  const { id } = await uploaded(h);
  test.match(await record(h, id), { status: 'queued', scan: { state: 'pending', scannedAt: null } });
  await refusesAll(test, h, id, 'pending');
  test.same(names(h), ['files.uploaded']);
  test.same((await h.runJobs()).map(({ name, state, result }) => ({ name, state, result })), [{ name: 'scan', state: 'completed', result: { state: 'clean' } }]);
  test.match(await record(h, id), { status: 'queued', scan: { state: 'clean', signature: null, scannedAt: String, reason: null } });
  test.same(names(h), ['files.uploaded', 'files.process-requested'], 'and no others');
  test.equal((await h.request('GET', `/api/files/${id}/download`)).status, 200);
  test.equal((await h.request('POST', `/api/files/${id}/share`, { body: {} })).status, 201);
  test.equal(scanner.scans, 1);
  const quiet = await uploaded(h, { processImmediately: false });
  test.equal(quiet.runId, '');
  test.match(await record(h, quiet.id), { scan: { state: 'clean' } }, 'a copy of what was found clean today');
  await h.runJobs();
  test.equal(scanner.scans, 1);
  await uploaded(h, {}, { ...otherTenant, role: 'member' });
  await h.runJobs();
  test.equal(scanner.scans, 2, 'another tenant’s copy says nothing');
  await h.db('documents', 'update', [{ scanState: 'clean' }, { scannedAt: '2001-01-01T00:00:00.000Z' }]);
  await uploaded(h);
  await h.runJobs();
  test.equal(scanner.scans, 3, 'nor does yesterday’s');
});

t.test('infected content stays locked, is announced and may be deleted', async (test) => {
  const { h, scanner } = scanning();
  scanner.verdict = infected;
  const { id } = await uploaded(h);
  const { sha256 } = await record(h, id);
  await h.runJobs();
  const error = { code: 'FILE_INFECTED' };
  test.match(await record(h, id), { status: 'failed', error, scan: { state: 'infected', signature: 'Eicar-Test-Signature', scannedAt: String } });
  test.match(h.events.at(-1), { name: 'files.infected', payload: { fileId: id, documentId: id, version: 1, sha256, signature: 'Eicar-Test-Signature', error } });
  test.same(names(h), ['files.uploaded', 'files.infected'], 'and no others');
  await refusesAll(test, h, id, 'infected');
  const { patch } = (await h.hook('users.export', { userId: '018f0000-0000-7000-8000-00000000000b', page: 0, parts: [], more: false })) as { patch: { parts: object[] } };
  test.equal(patch.parts.length, 1, 'the export has its record alone');
  await h.sendJob('scan', { documentId: id, contentId: 'other' });
  await h.runJobs();
  test.equal(scanner.scans, 1);
  test.equal((await h.request('DELETE', `/api/files/${id}?permanent=true`)).status, 204);
});

t.test('a link to a file with new content waits for the scanner too', async (test) => {
  const { h, scanner } = scanning();
  const { id } = await uploaded(h);
  await h.runJobs();
  const { path } = (await h.request('POST', `/api/files/${id}/share`, { body: {} })).body;
  scanner.verdict = infected;
  const files = [{ field: 'file', filename: 'b.txt', content: 'new' }];
  test.match((await h.request('POST', `/api/files/${id}/versions`, { files })).body, { version: 2, scan: { state: 'pending' } });
  test.equal((await h.request('GET', path, { as: nobody })).status, 404);
  test.equal((await h.request('GET', `/api/files/${id}/download?version=1`)).status, 200, 'what was clean stays so');
  scanner.verdict = clean;
  await h.request('POST', `/api/files/${id}/versions`, { files: [{ ...files[0], content: 'newer' }] } as never);
  await h.runJobs();
  test.match((await h.request('GET', `/api/files/${id}/versions`)).body.items, [{ number: 3, scan: { state: 'clean' } }, { number: 2, scan: { state: 'clean' } }, { number: 1, scan: { state: 'clean' } }]);
  test.equal(h.events.filter(({ name }) => name === 'files.process-requested').length, 2, 'the second version was replaced before it was released');
  test.equal((await h.request('GET', path, { as: nobody })).status, 200);
});

t.test('an earlier version is found infected later', async (test) => {
  const { h, scanner } = scanning();
  const { id } = await uploaded(h);
  await h.request('POST', `/api/files/${id}/versions`, { files: [{ field: 'file', filename: 'b.txt', content: 'new' }] });
  scanner.verdict = infected;
  await h.runJobs();
  test.same(h.events.filter(({ name }) => name === 'files.infected').map(({ payload }) => payload.version).toSorted(), [1, 2]);
  await refusesAll(test, h, id, 'infected');
});

t.test('a scanner that is down is waited for, with the reason told, and asked again every hour', async (test) => {
  const { h, scanner } = scanning();
  scanner.verdict = 'down';
  const { id } = await uploaded(h);
  for (let tries = 0; tries < 6; tries += 1) {
    await h.runJobs();
    test.match(await record(h, id), { status: 'queued', scan: { state: 'pending', reason: 'SCANNER_UNAVAILABLE' } });
    h.clock.advance(400_000);
  }
  test.equal(scanner.scans, 5);
  test.match(h.jobs, [{ name: 'scan', state: 'completed', result: { state: 'pending' } }], 'no dead letter');
  test.equal((await h.request('GET', `/api/files/${id}/download`)).status, 409);
  h.clock.advance(600_001);
  scanner.verdict = { ...clean, verdict: 'not-scanned', reason: 'TOO_LARGE', engine: null };
  h.sendJob('rescan', {});
  await h.runJobs();
  test.match(await record(h, id), { scan: { state: 'not-scanned', reason: 'TOO_LARGE', scannedAt: null } });
  test.equal(names(h).at(-1), 'files.process-requested');
  const again = h.sendJob('rescan', {});
  await h.runJobs();
  test.same(again.result, { asked: 0 });
});

t.test('what lies in the trash is released without being processed', async (test) => {
  const { h } = scanning();
  const { id } = await uploaded(h);
  await h.request('DELETE', `/api/files/${id}`);
  await h.runJobs();
  test.match((await h.request('POST', `/api/files/${id}/restore`)).body, { scan: { state: 'clean' }, status: 'queued' });
  test.notOk(names(h).includes('files.process-requested'));
});
