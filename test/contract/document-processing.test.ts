import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import documentIntelligence from '@proofpix/plugin-document-intelligence';
import files from '@proofpix/plugin-files';
import parsers from '@proofpix/plugin-parsers';
import teams from '@proofpix/plugin-teams';
import users from '@proofpix/plugin-users';
import type { Json } from '@proofpix/sdk';
import { createHarness, type EmittedEvent, type Harness } from '@proofpix/sdk/testing';
import t from 'tap';

/*
 * The contract between files, document-intelligence and parsers, each in its own harness: what one emits
 * and serves is what the other takes. Events go back and forth until nobody has anything to say.
 */

interface Pair {
  store: Harness;
  processor: Harness;
  /** Carries events and runs jobs until both are still. `shuffled` delivers everything twice, newest first. */
  settle(options?: { shuffled?: boolean }): Promise<void>;
}

function pair(): Pair {
  const store = createHarness(files, { as: { role: 'member' } });
  const reader = createHarness(parsers);
  const contents = new Map<string, Uint8Array | string>();
  const read = (ref: string, method: string) => async (input: { file: string }) => {
    const { handle } = await reader.shareFile(contents.get(input.file) ?? '');
    return await reader.serve(ref, method, { ...input, file: handle });
  };
  const keptBy = (method: string) => (input: Json) => store.serve('files.texts', method, input);
  const processor: Harness = createHarness(documentIntelligence, {
    as: { role: 'member' },
    services: {
      'files.documents': {
        async open(input: { fileId: string; runId: string }) {
          const opened = (await store.serve('files.documents', 'open', input)) as { handle: string };
          const record = (await store.db('documents', 'get', [input.fileId])) as { contentId: string; mimeType: string };
          const content = store.fileBytes(record.contentId) ?? '';
          const { handle } = await processor.shareFile(content, { mimeType: record.mimeType });
          contents.set(handle, content);
          return { ...opened, handle };
        },
      },
      'files.texts': { store: keptBy('store'), read: keptBy('read') },
      'parsers.metadata': { read: read('parsers.metadata', 'read') },
      'parsers.text': { read: read('parsers.text', 'read') },
    },
  });
  const carried = new Map<Harness, number>();
  async function carry(from: Harness, to: Harness, shuffled: boolean): Promise<boolean> {
    const fresh = from.events.slice(carried.get(from) ?? 0);
    carried.set(from, from.events.length);
    const order: EmittedEvent[] = shuffled ? [...fresh, ...fresh].toReversed() : fresh;
    for (const { id, name, payload } of order) await to.emit({ id, name, payload });
    return fresh.length > 0;
  }
  return {
    store,
    processor,
    async settle({ shuffled = false } = {}) {
      for (let round = 0; round < 20; round++) {
        const moved = [await carry(store, processor, shuffled), (await processor.runJobs()).length > 0, await carry(processor, store, shuffled)];
        if (!moved.includes(true)) return;
      }
      throw new Error('the two plugins never came to rest');
    },
  };
}

const { resolve } = createRequire(import.meta.url);
const photo = () => readFile(join(dirname(resolve('exif-parser/package.json')), 'test/starfish.jpg'));

/** A file, to be read without recognising text in pictures. */
async function upload(store: Harness, content: Uint8Array | string, options = {}): Promise<string> {
  const { status, body } = await store.request('POST', '/api/files/upload', { files: [{ field: 'file', filename: 'starfish.jpg', mimeType: 'image/jpeg', content }], body: { options: { ocr: 'off', ...options } } });
  if (status !== 201) throw new Error(`the upload answered ${status}`);
  return body.id;
}

t.test('the manifests fit: every event that is subscribed to is declared, public and of one schema', async (test) => {
  test.notOk(Object.values(files.manifest.dependencies).some(({ optional }) => optional !== true), 'files needs nobody');
  test.ok('files' in documentIntelligence.manifest.dependencies);
  const events = { ...files.manifest.events, ...documentIntelligence.manifest.events, ...teams.manifest.events, ...users.manifest.events };
  for (const { event } of [...files.manifest.subscriptions, ...documentIntelligence.manifest.subscriptions]) test.equal(events[event]?.public, true, event);
});

t.test('content that is no photo fails for the user to see', async (test) => {
  const { store, settle } = pair();
  const id = await upload(store, 'not a photo');
  await settle();
  test.match((await store.request('GET', `/api/files/${id}/status`)).body, { status: 'failed', error: { code: 'UNREADABLE_IMAGE' } });
  test.match((await store.request('GET', `/api/files/${id}/results`)).body, { result: null });
});

t.test('a photo is uploaded, processed, and its place found', async (test) => {
  const { store, settle } = pair();
  const id = await upload(store, await photo());
  await settle();
  test.match((await store.request('GET', `/api/files/${id}/status`)).body, { status: 'completed', progress: 1, error: null });
  const { result } = (await store.request('GET', `/api/files/${id}/results`)).body;
  test.match(result, { kind: 'image', metadata: { camera: { make: 'Nokia', model: 'Lumia 820' } }, location: { latitude: 55.038756, longitude: 8.457191, place: { name: 'List', country: 'Germany' } }, warnings: [] });
});

t.test('everything delivered twice and backwards comes to the same', async (test) => {
  const { store, processor, settle } = pair();
  const id = await upload(store, await photo());
  await settle({ shuffled: true });
  test.match((await store.request('GET', `/api/files/${id}/status`)).body, { status: 'completed', progress: 1 });
  test.equal(processor.events.filter(({ name }) => name === 'document-intelligence.completed').length, 1);
  test.equal(await store.db('results', 'count', [{}]), 1);
});

t.test('a file deleted in the middle leaves nothing in either', async (test) => {
  const { store, processor, settle } = pair();
  const id = await upload(store, await photo());
  await store.request('DELETE', `/api/files/${id}?permanent=true`);
  await settle();
  test.equal(await store.db('documents', 'count', [{}]), 0);
  test.equal(await store.db('results', 'count', [{}]), 0);
  test.equal(await processor.db('analyses', 'count', [{}]), 0);
  test.same(processor.events, []);
});

t.test('a file put into the trash in the middle is processed no further, and anew once it is back', async (test) => {
  const { store, processor, settle } = pair();
  const id = await upload(store, await photo());
  await store.request('DELETE', `/api/files/${id}`);
  await settle();
  test.equal(await store.db('results', 'count', [{}]), 0);
  test.same(processor.events, []);
  test.match((await store.request('POST', `/api/files/${id}/restore`)).body, { status: 'queued' });
  test.equal((await store.request('POST', `/api/files/${id}/process`)).status, 202);
  await settle();
  test.match((await store.request('GET', `/api/files/${id}/status`)).body, { status: 'completed' });
});

t.test('processing on demand, and without metadata', async (test) => {
  const { store, settle } = pair();
  const id = await upload(store, await photo(), { processImmediately: false, extractMetadata: false });
  await settle();
  test.match((await store.request('GET', `/api/files/${id}/status`)).body, { status: 'queued' });
  test.equal((await store.request('POST', `/api/files/${id}/process`)).status, 202);
  await settle();
  test.match((await store.request('GET', `/api/files/${id}/results`)).body, { status: 'completed', result: { kind: 'image', location: null, metadata: { image: null } } });
});
