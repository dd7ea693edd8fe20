import { createHarness } from '@proofpix/sdk/testing';
import t from 'tap';
import plugin from '../plugin.ts';
import { photo } from './fixtures.ts';
import { fileId, harnessWith, names, requested, run, runId } from './support.ts';

const otherTenant = { tenantId: '018f0000-0000-7000-8000-0000000000ff' };

t.test('without the grant nothing is read', async (test) => {
  const granted = plugin.manifest.capabilities.filter((capability) => capability !== 'events:on:files.process-requested');
  await test.rejects(createHarness(plugin, { granted }).emit(requested), { code: 'FORBIDDEN' });
});

t.test('a deleted file and a run that is over end quietly', async (test) => {
  for (const failWith of [{ code: 'NOT_FOUND', kind: 'not-found' }, { code: 'RUN_NOT_ACTIVE', kind: 'conflict' }] as const) {
    const { h } = harnessWith({ failWith });
    await h.emit(requested);
    const [job] = await h.runJobs();
    test.match(job, { state: 'completed', result: { state: 'cancelled' } });
    test.same(h.events, []);
    test.match(await h.db('extractions', 'get', [runId]), { state: 'cancelled' });
  }
});

t.test('a request becomes one job, however often it is delivered', async (test) => {
  const { h } = harnessWith({ content: await photo('starfish') });
  await h.emit({ ...requested, id: 'first' });
  await h.emit({ ...requested, id: 'first' });
  await Promise.all([h.emit(requested), h.emit(requested)]);
  test.same(h.jobs.map(({ name, data }) => ({ name, data })), [{ name: 'extract', data: { runId, fileId } }], 'and no others');
  await h.runJobs();
  await h.emit(requested);
  test.equal(h.jobs.length, 1, 'also after the end');
});

t.test('a photo is read and reported', async (test) => {
  const { h, documents } = harnessWith({ content: await photo('beijing') });
  await h.emit(requested);
  const [job] = await h.runJobs();
  test.match(job, { state: 'completed', result: { state: 'completed' } });
  test.same(names(h), ['started', 'progressed', 'progressed', 'completed'], 'and no others');
  test.same(h.events[0]?.payload, run);
  test.match(h.events.slice(1, 3).map((event) => event.payload), [{ ...run, stage: 'metadata', progress: 0.5 }, { ...run, stage: 'place', progress: 0.8 }]);
  test.match(h.events[3]?.payload, {
    ...run,
    kind: 'image',
    metadata: { mimeType: 'image/jpeg', camera: { model: 'iPhone 6 Plus' }, capture: { capturedAt: '2016-03-24T14:49:51.308+08:00' } },
    location: { latitude: 40.004086, longitude: 116.484781, place: { country: 'China' } },
    warnings: [],
  });
  test.match(await h.db('extractions', 'get', [runId]), { state: 'completed', errorCode: null });
  test.equal(await h.db('extractions', 'count', [{}], otherTenant), 0);
  test.equal(documents.opened, 1);
  test.same(h.published, [], 'a small file has no ticks of reading');
});

t.test('a job delivered again after its end does nothing', async (test) => {
  const { h, documents } = harnessWith({ content: await photo('starfish') });
  await h.emit(requested);
  await h.runJobs();
  const before = names(h);
  const again = h.sendJob('extract', { runId, fileId });
  await h.runJobs();
  test.match(again, { state: 'completed', result: { state: 'completed' } });
  test.same(names(h), before);
  test.equal(documents.opened, 1);
});

t.test('two deliveries of one job at once report once', async (test) => {
  const { h } = harnessWith({ content: await photo('starfish') });
  await h.emit(requested);
  h.sendJob('extract', { runId, fileId });
  await Promise.all([h.runJobs(), h.runJobs()]);
  test.equal(names(h).filter((name) => name === 'started').length, 1);
  test.equal(names(h).filter((name) => name === 'completed').length, 1);
});

t.test('what cannot be read fails at once, with a public code', async (test) => {
  for (const { content, code } of [{ content: new Uint8Array(), code: 'EMPTY_FILE' }, { content: Buffer.from('no photo'), code: 'UNREADABLE_IMAGE' }]) {
    const { h } = harnessWith({ content });
    await h.emit(requested);
    const [job] = await h.runJobs();
    test.match(job, { state: 'completed', attempt: 1, result: { state: 'failed', error: code } });
    test.match(h.events.at(-1)?.payload, { ...run, error: { code, message: /^The .+\.$/ } });
    test.equal(names(h).at(-1), 'failed');
    test.match(await h.db('extractions', 'get', [runId]), { state: 'failed', errorCode: code });
  }
});

t.test('a passing fault is retried without reporting twice', async (test) => {
  const { h, documents } = harnessWith({ content: await photo('starfish'), failWith: { code: 'UNAVAILABLE', kind: 'unavailable' } });
  await h.emit(requested);
  await h.runJobs();
  test.same(names(h), []);
  test.match(h.jobs[0], { state: 'retrying', attempt: 1 });
  documents.failWith = null;
  h.clock.advance(60_000);
  await h.runJobs();
  test.match(h.jobs[0], { state: 'completed', attempt: 2 });
  test.same(names(h), ['started', 'progressed', 'progressed', 'completed']);
});

t.test('after the last retry the document fails, and the job is a dead letter', async (test) => {
  const { h } = harnessWith({ failWith: { code: 'UNAVAILABLE', kind: 'unavailable' } });
  await h.emit(requested);
  for (let round = 0; round < 6; round++) {
    await h.runJobs();
    h.clock.advance(600_000);
  }
  test.match(h.jobs[0], { state: 'failed', attempt: 4, error: { code: 'UNAVAILABLE' } });
  test.same(names(h), ['failed'], 'once');
  test.match(h.events[0]?.payload, { ...run, error: { code: 'PROCESSING_FAILED' } });
});

t.test('a file deleted while it is read is not reported', async (test) => {
  const { h } = harnessWith({ content: await photo('starfish') });
  await h.emit(requested);
  await h.emit({ name: 'files.deleted', payload: { fileId, documentId: fileId, sha256: '0'.repeat(64) } });
  test.equal(await h.db('extractions', 'count', [{}]), 0);
  const [job] = await h.runJobs();
  test.match(job, { state: 'completed', result: { state: 'cancelled' } });
  test.same(h.events, []);
});

t.test('people who watch one document see a large one being read', async (test) => {
  const { h } = harnessWith({ content: Buffer.concat([await photo('starfish'), Buffer.alloc(20_000_000)]) });
  await h.emit(requested);
  await h.runJobs();
  test.equal(h.published.length, 2);
  for (const message of h.published) test.match(message, { to: { room: `document:${fileId}` }, event: 'document:progress', data: { ...run, stage: 'reading' } });
  test.equal(names(h).at(-1), 'completed');
});

t.test('other content completes with what is known of it', async (test) => {
  const { h } = harnessWith({ content: Buffer.from('%PDF-1.7 …'), mimeType: 'application/pdf' });
  await h.emit(requested);
  await h.runJobs();
  test.same(names(h), ['started', 'completed']);
  test.match(h.events[1]?.payload, { kind: 'document', location: null, metadata: { mimeType: 'application/pdf', sizeBytes: 12, image: null } });
});
