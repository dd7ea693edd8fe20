import { createHarness } from '@proofpix/sdk/testing';
import t from 'tap';
import plugin from '../plugin.ts';
import { failure, fileId, metadataReport, missing, names, otherTenant, requested, requestFor, run, runId, textReport, world } from './support.ts';

const analysisOf = async ({ h }: Pick<ReturnType<typeof world>, 'h'>) => (await h.db('analyses', 'get', [runId])) as { state: string; errorCode: string | null } | null;
const stepsOf = async ({ h }: Pick<ReturnType<typeof world>, 'h'>) => ((await h.db('steps', 'find', [{}])) as { items: { name: string; state: string; errorCode: string | null; result: Record<string, unknown> | null }[] }).items;

t.test('without the grant nothing is read', async (test) => {
  const granted = plugin.manifest.capabilities.filter((capability) => capability !== 'events:on:files.process-requested');
  await test.rejects(createHarness(plugin, { granted }).emit(requested), { code: 'FORBIDDEN' });
});

t.test('a deleted file and a run that is over end quietly', async (test) => {
  for (const error of [failure('NOT_FOUND', 'not-found'), failure('RUN_NOT_ACTIVE', 'conflict')]) {
    const w = world();
    w.answers['files.documents.open'] = () => Promise.reject(error);
    await w.h.emit(requested);
    const [job] = await w.h.runJobs();
    test.match(job, { state: 'completed', result: { state: 'cancelled' } });
    test.same(w.h.events, []);
    test.match(await analysisOf(w), { state: 'cancelled' });
  }
});

t.test('a request becomes one job, however often it is delivered', async (test) => {
  const { h } = world();
  await h.emit({ ...requested, id: 'first' });
  await h.emit({ ...requested, id: 'first' });
  await Promise.all([h.emit(requested), h.emit(requested)]);
  test.same(h.jobs.map(({ name, data }) => ({ name, data })), [{ name: 'step', data: { analysisId: runId, name: 'metadata' } }], 'and no others');
  await h.runJobs();
  const sent = h.jobs.length;
  await h.emit(requested);
  test.equal(h.jobs.length, sent, 'also after the end');
});

t.test('a photo goes through its steps and is reported', async (test) => {
  const w = world();
  await w.h.emit(requested);
  await w.h.runJobs();
  test.ok(w.h.jobs.every(({ state }) => state === 'completed'));
  test.equal(names(w.h)[0], 'started');
  test.equal(names(w.h).at(-1), 'completed');
  test.equal(names(w.h).filter((name) => name === 'completed').length, 1);
  test.match(w.h.events.at(-1)?.payload, {
    ...run,
    kind: 'image',
    metadata: { mimeType: 'image/jpeg', camera: { make: 'Acme' }, tags: { IFD0: { Make: 'Acme' } } },
    location: { latitude: 55.038756, longitude: 8.457191, altitudeMetres: null, place: { name: 'List', countryCode: 'DE' } },
    summary: { pageCount: 1, ocrPages: 1 },
  });
  test.match(await analysisOf(w), { state: 'completed', errorCode: null });
  test.match((await stepsOf(w)).slice(0, 2), [{ name: 'metadata', state: 'completed' }, { name: 'text', state: 'completed', result: { ocrPages: 1, ocrConfidence: 0.9 } }]);
  test.same([...w.pages], [[1, { text: 'recognised', source: 'ocr' }]]);
  test.equal(await w.h.db('analyses', 'count', [{}], otherTenant as { tenantId: string }), 0);
});

t.test('every job delivered again after its end does nothing', async (test) => {
  const w = world();
  await w.h.emit(requested);
  await w.h.runJobs();
  const [before, calls] = [names(w.h), w.calls.length];
  for (const { data } of w.h.jobs.slice()) w.h.sendJob('step', data);
  await w.h.runJobs();
  test.same(names(w.h), before);
  test.equal(w.calls.length, calls);
});

t.test('only the job that is its turn goes on with a run', async (test) => {
  const w = world();
  await w.h.emit(requested);
  for (const name of ['metadata', 'text', 'text', null]) w.h.sendJob('step', { analysisId: runId, name });
  await Promise.all([w.h.runJobs(), w.h.runJobs()]);
  for (const name of ['started', 'completed']) test.equal(names(w.h).filter((one) => one === name).length, 1, name);
});

t.test('what cannot be read fails at once, with a public code', async (test) => {
  const cases = [
    { request: requestFor('image/jpeg', { sizeBytes: 0 }), report: metadataReport, code: 'EMPTY_FILE' },
    { request: requested, report: { ...metadataReport, status: 'damaged', image: null }, code: 'UNREADABLE_IMAGE' },
    { request: requested, report: { ...metadataReport, status: 'empty', image: null }, code: 'EMPTY_FILE' },
  ];
  for (const { request, report, code } of cases) {
    const w = world();
    w.answers['parsers.metadata.read'] = () => report;
    await w.h.emit(request);
    const [job] = await w.h.runJobs();
    test.match(job, { state: 'completed', attempt: 1, result: { state: 'failed', error: code } });
    test.equal(w.h.jobs.length, 1, 'no other step follows');
    test.match(w.h.events.at(-1), { name: 'document-intelligence.failed', payload: { ...run, error: { code, message: /^The .+\.$/ } } });
    test.match(await analysisOf(w), { state: 'failed', errorCode: code });
  }
});

t.test('a passing fault is tried again, and nothing is reported twice', async (test) => {
  const w = world();
  const open = w.answers['files.documents.open'];
  w.answers['files.documents.open'] = () => Promise.reject(failure('UNAVAILABLE'));
  await w.h.emit(requested);
  await w.h.runJobs();
  test.same(names(w.h), []);
  test.match(w.h.jobs[0], { state: 'retrying', attempt: 1 });
  if (open !== undefined) w.answers['files.documents.open'] = open;
  w.h.clock.advance(60_000);
  await w.h.runJobs();
  test.match(w.h.jobs[0], { state: 'completed', attempt: 2 });
  test.equal(names(w.h).filter((name) => name === 'started').length, 1);
  test.equal(names(w.h).at(-1), 'completed');
});

t.test('after the last try the document fails', async (test) => {
  const w = world();
  w.answers['files.documents.open'] = () => Promise.reject(failure('OUT_OF_ORDER', 'internal'));
  await w.h.emit(requested);
  for (let round = 0; round < 6; round++) {
    await w.h.runJobs();
    w.h.clock.advance(600_000);
  }
  test.match(w.h.jobs[0], { attempt: 4, result: { error: 'PROCESSING_FAILED' } });
  test.same(names(w.h), ['failed'], 'once');
  test.match(w.h.events[0]?.payload, { ...run, error: { code: 'PROCESSING_FAILED' } });
});

t.test('a step that fails for good, or whose plugin is missing, leaves the rest', async (test) => {
  const w = world();
  w.answers['parsers.metadata.read'] = () => Promise.reject(failure('NO_SUCH_TAG', 'invalid'));
  w.answers['ocr.recognition.read'] = () => Promise.reject(missing());
  await w.h.emit(requested);
  await w.h.runJobs();
  test.match(w.h.events.at(-1), { name: 'document-intelligence.completed', payload: { location: null, metadata: { image: null } } });
  const { warnings } = (w.h.events.at(-1) as unknown as { payload: { warnings: { code: string }[] } }).payload;
  const codes = warnings.map(({ code }) => code);
  test.ok(codes.includes('NO_SUCH_TAG'));
  test.ok(codes.includes('OCR_NOT_ENABLED'));
  test.match((await stepsOf(w))[0], { name: 'metadata', state: 'failed', errorCode: 'NO_SUCH_TAG' });

  const bare = world();
  for (const name of ['parsers.metadata.read', 'parsers.text.read', 'parsers.structure.inspect']) bare.answers[name] = () => Promise.reject(missing());
  await bare.h.emit(requestFor('application/pdf'));
  await bare.h.runJobs();
  test.match(bare.h.events.at(-1), { name: 'document-intelligence.completed', payload: { kind: 'document' } });
  test.match((await stepsOf(bare)).filter(({ state }) => state === 'skipped'), [{ name: 'metadata', errorCode: 'PLUGIN_NOT_ENABLED' }, { name: 'text', errorCode: 'PLUGIN_NOT_ENABLED' }]);
});

t.test('a step that keeps failing is given up after three more tries', async (test) => {
  const w = world();
  let asked = 0;
  w.answers['parsers.metadata.read'] = () => {
    asked += 1;
    throw failure('WORSE', 'internal');
  };
  await w.h.emit(requested);
  for (let round = 0; round < 6; round++) {
    await w.h.runJobs();
    w.h.clock.advance(600_000);
  }
  test.equal(asked, 4);
  test.equal(names(w.h).at(-1), 'completed');
  test.match((await stepsOf(w))[0], { name: 'metadata', state: 'failed', errorCode: 'STEP_FAILED' });
});

t.test('a run whose job is lost fails, and one that merely waits does not', async (test) => {
  const w = world();
  w.answers['parsers.metadata.read'] = () => Promise.reject(failure('UNAVAILABLE'));
  await w.h.emit(requested);
  await w.h.runJobs();
  test.match(w.h.jobs[0], { state: 'retrying' });
  w.h.clock.advance(3_600_000);
  w.h.sendJob('fail-lost-runs', {});
  await w.h.runJobs('fail-lost-runs');
  test.same(names(w.h), ['started'], 'its next try is still to come');
  Object.assign(w.h.jobs[0] ?? {}, { state: 'failed' });
  w.h.sendJob('fail-lost-runs', {});
  await w.h.runJobs('fail-lost-runs');
  test.same(names(w.h), ['started', 'failed']);
  test.match(await analysisOf(w), { state: 'failed', errorCode: 'PROCESSING_FAILED' });
  w.h.sendJob('fail-lost-runs', {});
  await w.h.runJobs('fail-lost-runs');
  test.same(names(w.h), ['started', 'failed'], 'once');
});

t.test('asked for type and size only, no step runs', async (test) => {
  const w = world();
  await w.h.emit(requestFor('image/jpeg', { options: { extractMetadata: false } }));
  await w.h.runJobs();
  test.equal(w.h.jobs.length, 1);
  test.same(names(w.h), ['started', 'completed']);
  test.same(w.calls, ['files.documents.open']);
  test.match(w.h.events[1]?.payload, { kind: 'image', metadata: { image: null }, location: null, warnings: [] });
});

t.test('called off in the middle, a run stops and reports nothing more', async (test) => {
  const w = world();
  w.answers['parsers.metadata.read'] = async () => {
    await w.h.emit({ name: 'files.process-cancelled', payload: { fileId, documentId: fileId, runId } });
    return metadataReport;
  };
  await w.h.emit(requested);
  await w.h.runJobs();
  test.same(names(w.h), ['started']);
  test.equal(w.h.jobs.length, 1, 'no next step');
  test.equal(w.h.jobs[0]?.state, 'cancelled');
  test.match(await analysisOf(w), { state: 'cancelled' });
  test.same(await stepsOf(w), []);
});

t.test('a file deleted in the middle leaves nothing', async (test) => {
  const w = world();
  w.answers['parsers.text.read'] = async () => {
    await w.h.emit({ name: 'files.deleted', payload: { fileId, documentId: fileId, sha256: '0'.repeat(64) } });
    return textReport(['text']);
  };
  await w.h.emit(requestFor('application/pdf'));
  await w.h.runJobs();
  for (const collection of ['analyses', 'steps', 'entities', 'fingerprints']) test.equal(await w.h.db(collection, 'count', [{}]), 0, collection);
  test.notOk(names(w.h).includes('completed'));
});

t.test('a newer run takes the place of what earlier ones found', async (test) => {
  const w = world();
  await w.h.emit(requested);
  await w.h.runJobs();
  w.h.clock.advance(1000);
  const second = '018f0000-0000-4000-8000-0000000000a2';
  await w.h.emit({ ...requested, payload: { ...requested.payload, runId: second } });
  await w.h.runJobs();
  test.same(((await w.h.db('analyses', 'find', [{}])) as { items: { id: string }[] }).items.map(({ id }) => id), [second]);
  test.same([...new Set((await stepsOf(w)).map((record) => (record as unknown as { analysisId: string }).analysisId))], [second]);
});

t.test('a person is gone, and a team', async (test) => {
  const w = world();
  const userId = '018f0000-0000-7000-8000-0000000000dd';
  await w.h.db('corrections', 'insert', [{ fileId, label: 'invoice', features: {}, userId }]);
  await w.h.emit({ name: 'users.erased', payload: { userId, teamGone: false } });
  test.match(await w.h.db('corrections', 'find', [{}]), { items: [{ userId: null }] });
  await w.h.emit(requested);
  await w.h.runJobs();
  await w.h.emit({ name: 'teams.deleted', payload: {} });
  for (const collection of ['analyses', 'steps', 'entities', 'corrections']) test.equal(await w.h.db(collection, 'count', [{}]), 0, collection);
});
