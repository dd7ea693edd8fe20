import { NotFound, Unavailable } from '@proofpix/sdk';
import t from 'tap';
import { absentId, admin, colleague, harness, letter, otherTenant, processed, services } from './support.ts';

t.test('who may not process is refused, and nothing comes about', async (t) => {
  const h = harness();
  t.match(await h.request('POST', '/api/ephemeral/process', { files: [letter], as: { role: 'viewer' } }), { status: 403, body: { details: { permission: 'ephemeral:process' } } });
  t.match(await h.request('POST', '/api/ephemeral/process', { files: [letter], as: { userId: null } }), { status: 401 });
  t.match(await h.request('POST', '/api/ephemeral/process', { files: [] }), { status: 400, body: { details: { field: 'file' } } });
  t.match(await h.request('POST', '/api/ephemeral/process', { files: [{ ...letter, field: 'other' }] }), { status: 400 });
  for (const options of [{ ttlSeconds: 59 }, { ttlSeconds: 3601 }, { steps: [] }, { steps: ['hack'] }, { keep: true }]) t.match(await h.request('POST', '/api/ephemeral/process', { files: [letter], body: { options } }), { status: 400 }, JSON.stringify(options));
  t.match(await h.request('POST', '/api/ephemeral/batch-process', { files: [] }), { status: 400 });
  t.match(await h.request('POST', '/api/ephemeral/batch-process', { files: Array.from({ length: 101 }, () => letter) }), { status: 400 });
  t.equal(await h.db('sessions', 'count', []), 0);
  t.equal(h.jobs.length, 0);
  t.match(await harness({ granted: ['files:read', 'jobs', 'realtime'] }).request('POST', '/api/ephemeral/process', { files: [letter] }), { status: 403, body: { details: { capability: 'scratch' } } });
});

t.test('a session goes from queued to completed, and its record says nothing of the document', async (t) => {
  const h = harness();
  const begun = await h.request('POST', '/api/ephemeral/process', { files: [letter], body: { options: { ttlSeconds: 60 } } });
  t.match(begun, { status: 201, headers: { location: `/api/ephemeral/${begun.body.id}/status` }, body: { sessionId: begun.body.id, status: 'queued', progress: 0, batchId: null } });
  t.match((await h.request('GET', `/api/ephemeral/${begun.body.id}/status`)).body, { status: 'queued', results: null });
  await h.runJobs();
  const { headers, body } = await h.request('GET', `/api/ephemeral/${begun.body.id}/status`);
  t.equal(headers['cache-control'], 'no-store');
  t.match(body, {
    status: 'completed',
    progress: 1,
    results: { file: { filename: 'letter.txt', mimeType: 'text/plain', sizeBytes: 8 }, text: { pages: [{ page: 1, text: 'Dear Ann' }] }, language: { language: 'en' }, classification: { label: 'letter' }, entities: { items: [{ text: 'Ann' }] }, personalData: { people: 1 }, warnings: [] },
  });
  const traces = JSON.stringify([await h.db('sessions', 'find', [{}]), h.events, h.published, h.audited, h.logs, h.metrics, h.jobs.map(({ data, result, error, note }) => ({ data, result, error, note }))]);
  for (const word of ['letter', 'Ann', 'text/plain', 'person']) t.notMatch(traces, word);
  t.match(h.published, [{ event: 'ephemeral:completed', data: { sessionId: begun.body.id } }]);
});

t.test('only what was asked for is done and shown', async (t) => {
  const asked: string[] = [];
  const h = harness({ services: services(asked) });
  const { id } = await processed(h, { steps: ['metadata'] });
  t.strictSame(asked, []);
  t.match((await h.request('GET', `/api/ephemeral/${id}/status`)).body.results, { metadata: { status: 'ok' }, text: null, language: null, entities: null });
  const language = await processed(h, { steps: ['language'] });
  t.strictSame(asked, ['Dear Ann']);
  t.match((await h.request('GET', `/api/ephemeral/${language.id}/status`)).body.results, { metadata: null, text: null, language: { language: 'en' }, entities: null, secrets: null });
});

t.test('text is read off pictures, and off pages that are pictures, unless told otherwise', async (t) => {
  const jpeg = { ...letter, filename: 'scan.jpg', mimeType: 'image/jpeg', content: new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xff, 0xd9]) as never };
  const scanned = { ...services(), 'parsers.text': { read: () => ({ status: 'ok', pages: [{ page: 1, text: 'typed' }], pageCount: 30, withoutText: Array.from({ length: 29 }, (_, at) => at + 2), truncated: false, attachments: [], warnings: [] }) } };
  const h = harness({ services: scanned });
  const results = async (options: object, file = letter) => (await h.request('GET', `/api/ephemeral/${(await processed(h, options, file)).id}/status`)).body.results;
  const text = (await results({ steps: ['text'] })).text;
  t.match(text, { truncated: true, pageCount: 30, pages: [{ page: 1, text: 'typed' }, { page: 2, text: 'read off page 2' }] });
  t.equal(text.ocrPages.length, 20, 'of many pages the first ones');
  t.match((await results({ steps: ['text'], ocr: 'off' })).text, { ocrPages: [], pages: [{ text: 'typed' }] });
  t.match((await results({ steps: ['text'] }, jpeg)).text, { ocrPages: [1], pages: [{ text: 'read off page 1' }] });
});

t.test('a step that cannot be done is told of; when none can, the session has failed', async (t) => {
  const fails = (): never => {
    throw Unavailable({ message: 'The plugin parsers is not enabled here.' });
  };
  const part = harness({ services: { ...services(), 'parsers.metadata': { read: fails } } });
  const { id } = await processed(part);
  t.match((await part.request('GET', `/api/ephemeral/${id}/status`)).body, { status: 'completed', results: { metadata: null, text: {}, warnings: [{ step: 'metadata', code: 'UNAVAILABLE' }] } });
  const none = harness({ services: {} });
  const failed = await processed(none);
  t.match((await none.request('GET', `/api/ephemeral/${failed.id}/status`)).body, { status: 'failed', error: { code: 'PROCESSING_FAILED' }, results: null });
  t.match(none.published, [{ event: 'ephemeral:error', data: { sessionId: failed.id } }]);
});

t.test('a batch has a session for each file', async (t) => {
  const h = harness();
  const { status, body } = await h.request('POST', '/api/ephemeral/batch-process', { files: [letter, { ...letter, filename: 'b.txt' }, { ...letter, filename: 'c.txt' }].map((file) => ({ ...file, field: 'files' })) });
  t.equal(status, 201);
  t.equal(body.items.length, 3);
  t.match(body.items, [0, 1, 2].map((index) => ({ index, session: { status: 'queued', batchId: body.batchId }, error: null })));
  await h.runJobs();
  const names = [];
  for (const { session } of body.items) names.push((await h.request('GET', `/api/ephemeral/${session.id}/status`)).body.results.file.filename);
  t.strictSame(names, ['letter.txt', 'b.txt', 'c.txt']);
});

t.test('others see nothing of a session; an admin that it is, and may end it', async (t) => {
  const h = harness();
  const { id } = await processed(h);
  const path = `/api/ephemeral/${id}`;
  for (const as of [otherTenant, colleague]) {
    t.match(await h.request('GET', `${path}/status`, { as }), { status: 404 });
    t.match(await h.request('DELETE', `${path}/cleanup`, { as }), { status: 404 });
    t.strictSame((await h.request('GET', '/api/ephemeral/sessions/active', { as })).body.items, []);
  }
  t.match(await h.request('GET', `/api/ephemeral/${absentId}/status`), { status: 404 });
  t.match(await h.request('GET', '/api/ephemeral/sessions/active?all=true', { as: colleague }), { status: 403, body: { details: { permission: 'ephemeral:manage' } } });
  t.match(await h.request('GET', `${path}/status`, { as: admin }), { status: 200, body: { status: 'completed', results: null } });
  t.match((await h.request('GET', '/api/ephemeral/sessions/active?all=true', { as: admin })).body.items, [{ sessionId: id }]);
  t.match(await h.request('DELETE', `${path}/cleanup`, { as: admin }), { status: 200, body: { status: 'cleaned' } });
});

t.test('a session ends by request, by its time, and with its process', async (t) => {
  const h = harness();
  const [cleaned, gone, late] = [await processed(h), await processed(h), await processed(h, { ttlSeconds: 60 })];
  const statusOf = async (id: string) => (await h.request('GET', `/api/ephemeral/${id}/status`)).body;
  t.match(await h.request('DELETE', `/api/ephemeral/${cleaned.id}/cleanup`), { status: 200, body: { status: 'cleaned' } });
  t.match(await statusOf(cleaned.id), { status: 'cleaned', results: null });
  t.match(await h.request('DELETE', `/api/ephemeral/${cleaned.id}/cleanup`), { status: 200, body: { status: 'cleaned' } }, 'twice is no error');
  t.match(h.audited, [{ action: 'session-cleaned', target: cleaned.id, details: {} }]);
  t.equal(h.audited.length, 1);
  // as if the process with its key had ended
  await h.db('sessions', 'update', [gone.id, { scratchId: 'scratch-of-another-life' }]);
  t.match(await statusOf(gone.id), { status: 'gone', results: null });
  t.match(await h.request('DELETE', `/api/ephemeral/${gone.id}/cleanup`), { status: 200, body: { status: 'gone' } });
  await h.db('sessions', 'update', [late.id, { expiresAt: new Date(Date.now() - 1000).toISOString() }]);
  t.match(await statusOf(late.id), { status: 'expired', results: null });
  t.strictSame((await h.request('GET', '/api/ephemeral/sessions/active')).body.items, []);
});

t.test('a file that vanishes while it is worked on is no failure to report', async (t) => {
  const h = harness({
    services: {
      ...services(),
      'parsers.metadata': {
        read: () => {
          throw NotFound();
        },
      },
    },
  });
  const { id } = await processed(h, { steps: ['metadata'] });
  t.match((await h.request('GET', `/api/ephemeral/${id}/status`)).body, { status: 'failed' });
});

t.test('what is kept of people goes with them, and the rest after a day', async (t) => {
  const h = harness();
  const [mine, others] = [await processed(h), await processed(h, {}, letter, colleague)];
  await h.emit({ name: 'users.erased', payload: { userId: String(colleague.userId), teamGone: false } });
  t.equal(await h.db('sessions', 'get', [others.id]), null);
  t.match(await h.request('GET', `/api/ephemeral/${mine.id}/status`), { status: 200, body: { status: 'completed' } });
  await h.emit({ name: 'teams.deleted', payload: { teamId: absentId } });
  t.equal(await h.db('sessions', 'count', []), 0);
  const old = await processed(h);
  await h.db('sessions', 'update', [old.id, { expiresAt: new Date(Date.now() - 90_000_000).toISOString() }]);
  const young = await processed(h);
  h.sendJob('forget', {});
  await h.runJobs('forget');
  t.equal(await h.db('sessions', 'get', [old.id]), null);
  t.not(await h.db('sessions', 'get', [young.id]), null);
});
