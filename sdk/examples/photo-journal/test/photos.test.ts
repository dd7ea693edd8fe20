import t from 'tap';
import { createHarness, type HarnessOptions, type OutboundRequest } from '@proofpix/sdk/testing';
import { notAsked } from '../jobs/add-weather.ts';
import plugin from '../plugin.ts';

const fileId = '018f0000-0000-7000-8000-0000000000f1';
const place = { label: 'Esbjerg, South Denmark, Denmark' };
const completed = { documentId: fileId, fileId, kind: 'image', metadata: { capture: { capturedAt: '2011-07-03T12:01:00' } }, location: { latitude: 55.0388, longitude: 8.4572, place } };

const photoRead = (payload: object = completed, id = 'e1') => ({ name: 'document-intelligence.completed', id, payload: payload as typeof completed, as: { kind: 'system' as const } });

const withWeather = (answer: HarnessOptions['fetch'] & {}, seen: OutboundRequest[] = []): HarnessOptions => ({
  secrets: { weatherKey: 'k-1' },
  fetch: (request, init) => {
    seen.push(request);
    return answer(request, init);
  },
});

t.test('what is no photo makes no entry', async (test) => {
  const journal = createHarness(plugin);
  await journal.emit(photoRead({ ...completed, kind: 'text' }));
  test.same([journal.events.length, journal.jobs.length, await journal.db('entries', 'count', [{}])], [0, 0, 0]);
});

t.test('without the capability it is not told', async (test) => {
  const journal = createHarness(plugin, { granted: plugin.manifest.capabilities.filter((one) => one !== 'events:on:document-intelligence.completed') });
  await test.rejects(journal.emit(photoRead()), { code: 'FORBIDDEN', details: { capability: 'events:on:document-intelligence.completed' } });
});

t.test('a photo becomes one entry, however often its event comes', async (test) => {
  const journal = createHarness(plugin);
  await journal.emit({ name: 'files.uploaded', payload: { fileId, filename: 'starfish.jpg', mimeType: 'image/jpeg', sizeBytes: 1, sha256: '' } });
  await journal.emit(photoRead());
  await journal.emit(photoRead());
  await Promise.all([journal.emit(photoRead({ ...completed, fileId: fileId.replace('f1', 'f2') }, 'e2')), journal.emit(photoRead({ ...completed, fileId: fileId.replace('f1', 'f2') }, 'e2'))]);
  const { body } = await journal.request('GET', '/entries');
  test.equal(body.items.length, 2);
  test.match(body.items.find((entry: { fileId: string }) => entry.fileId === fileId), { title: 'starfish.jpg', place: place.label, latitude: 55.0388, takenAt: '2011-07-03T12:01:00' });
  test.match(journal.events.map(({ name, payload }) => [name, payload.place]), [['photo-journal.entry-added', place.label], ['photo-journal.entry-added', place.label]]);
  test.same(journal.jobs.map(({ name }) => name), ['add-weather', 'add-weather']);
});

t.test('a photo without a place needs no weather', async (test) => {
  const journal = createHarness(plugin);
  await journal.emit(photoRead({ ...completed, metadata: {}, location: null }));
  test.match((await journal.request('GET', '/entries')).body.items, [{ title: 'A photo' }]);
  test.equal(journal.jobs.length, 0);
});

t.test('the weather is asked for once, with the key, and tried again when the service is down', async (test) => {
  const seen: OutboundRequest[] = [];
  const answers = [{ status: 503 }, { json: { summary: 'Windy, 17 °C' } }];
  const journal = createHarness(plugin, withWeather(() => answers.shift() ?? { status: 500 }, seen));
  await journal.emit(photoRead());
  await journal.runJobs();
  test.match(journal.jobs, [{ state: 'retrying', error: { code: 'UNAVAILABLE' } }]);
  journal.clock.advance(30_000);
  await journal.runJobs();
  test.match(journal.jobs, [{ state: 'completed' }]);
  test.match((await journal.request('GET', '/entries')).body.items, [{ weather: 'Windy, 17 °C' }]);
  test.equal(seen[1]?.url.href, 'https://api.weather.example/v1/past?latitude=55.0388&longitude=8.4572&date=2011-07-03');
  test.equal(seen[1]?.headers.authorization, 'Bearer k-1');
  journal.sendJob('add-weather', { entryId: (await journal.request('GET', '/entries')).body.items[0].id });
  await journal.runJobs();
  test.equal(seen.length, 2);
});

t.test('no key, no request; a strange host gets no key', async (test) => {
  const seen: OutboundRequest[] = [];
  const keyless = createHarness(plugin, { ...withWeather(() => ({}), seen), secrets: {} });
  await keyless.emit(photoRead());
  await keyless.runJobs();
  test.match(keyless.jobs, [{ state: 'completed' }]);
  test.match((await keyless.request('GET', '/entries')).body.items, [{ weather: notAsked }]);
  const elsewhere = createHarness(plugin, { ...withWeather(() => ({}), seen), config: { weatherUrl: 'https://evil.example/' } });
  await elsewhere.emit(photoRead());
  await elsewhere.runJobs();
  test.match(elsewhere.jobs, [{ state: 'retrying', error: { code: 'FORBIDDEN' } }]);
  test.same(seen, []);
});

t.test('nonsense from the service is not stored', async (test) => {
  for (const reply of [{ json: { summary: 7 } }, { json: [] }, { json: { summary: '' } }]) {
    const journal = createHarness(plugin, withWeather(() => reply));
    await journal.emit(photoRead());
    await journal.runJobs();
    test.notOk('weather' in (await journal.request('GET', '/entries')).body.items[0]);
  }
});
