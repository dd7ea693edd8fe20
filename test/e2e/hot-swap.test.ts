import t from 'tap';
import { Pool } from 'undici';
import { plugins } from '../../config/plugins.ts';
import { until } from '../support/messaging.ts';
import { testServer } from '../support/server.ts';
import { notes, offerNotes } from './fixtures/packages.ts';

/** Plugins come, go and change while requests keep flowing: none of another plugin's fails, and none of the changed one's either. */

const server = await testServer(t, { entries: plugins });
const owner = await server.register();
await offerNotes(owner);
const form = new FormData();
form.append('file', new Blob(['some text'], { type: 'text/plain' }), 'some.txt');
form.append('options', JSON.stringify({ processImmediately: false }));
const { body: file } = await owner.send('POST', '/api/files/upload', form);

interface Load {
  /** Requests so far. */
  readonly served: number;
  /** Answers by status, or the error's code where there was none. */
  readonly answers: Readonly<Record<string, number>>;
  /** Different bodies of 200 answers, through `see`. */
  readonly seen: ReadonlySet<string>;
  stop(): Promise<void>;
}

/** `connections` keep-alive connections, each asking again as soon as it was answered. */
function load(path: string, connections: number, see: (body: string) => string = () => ''): Load {
  const pool = new Pool(server.url, { connections, pipelining: 1 });
  const answers: Record<string, number> = {};
  const seen = new Set<string>();
  let served = 0;
  const stopping = new AbortController();
  let ended: Promise<void> | null = null;
  const clients = Array.from({ length: connections }, async () => {
    while (!stopping.signal.aborted) {
      let answer: string;
      try {
        const { statusCode, body } = await pool.request({ path, method: 'GET', headers: { authorization: `Bearer ${owner.accessToken}` } });
        const text = await body.text();
        answer = String(statusCode);
        if (statusCode === 200) seen.add(see(text));
      } catch (error) {
        answer = (error as { code?: string }).code ?? 'ERROR';
      }
      answers[answer] = (answers[answer] ?? 0) + 1;
      served++;
    }
  });
  return {
    get served() {
      return served;
    },
    answers,
    seen,
    stop() {
      stopping.abort();
      ended ??= Promise.all(clients).then(() => pool.close());
      return ended;
    },
  };
}

/** So that every change falls into traffic, however slow the machine is. */
const moreOf = async (running: Load): Promise<void> => {
  const target = running.served + 20;
  await until(() => running.served >= target, 20_000);
};

const versionOf = (body: string): string => (JSON.parse(body) as { version: string }).version;
const install = (version: string, grants: readonly string[]) => owner.send('POST', '/api/plugins/install', { pluginId: notes.id, version, grants });
const installed = async () => (await owner.send('GET', '/api/plugins/installed')).body.items.find((one: { id: string }) => one.id === notes.id);

const others = load(`/api/files/${file.id}`, 50);
t.teardown(() => others.stop());

t.test('installing, disabling and enabling one plugin is nothing to another one’s 50 connections', async (t) => {
  await moreOf(others);
  for (let round = 0; round < 2; round++) {
    t.match(await install('1.0.0', notes.first.capabilities), { status: 201, body: { version: '1.0.0' } });
    t.match(await owner.send('GET', '/api/x/notes/version'), { status: 200, body: { version: '1.0.0' } }, 'at once');
    const own = load('/api/x/notes/version', 4, versionOf);
    await moreOf(own);
    t.match(await owner.send('PUT', '/api/plugins/notes/enable', { enabled: false }), { status: 200 });
    t.match(await owner.send('GET', '/api/x/notes/version'), { status: 404 }, 'at once');
    await moreOf(own);
    t.match(await owner.send('PUT', '/api/plugins/notes/enable', { enabled: true }), { status: 200 });
    t.match(await owner.send('GET', '/api/x/notes/version'), { status: 200 }, 'at once');
    await moreOf(own);
    await own.stop();
    t.strictSame(Object.keys(own.answers).toSorted(), ['200', '404'], 'there or not there, never an error');
    await moreOf(others);
    t.match(await owner.send('DELETE', '/api/plugins/notes/uninstall?data=purge'), { status: 200 });
  }
});

t.test('an upgrade waits for consent, and then no request of the upgraded plugin fails', async (t) => {
  t.match(await install('1.0.0', notes.first.capabilities), { status: 201 });
  t.match(await owner.send('POST', '/api/x/notes/notes', { text: 'before' }), { status: 201 });
  const own = [load('/api/x/notes/version', 4, versionOf), load('/api/x/notes/notes', 4, versionOf)] as const;
  const all = async (): Promise<void> => void (await Promise.all([...own, others].map(moreOf)));
  await all();

  const pending = await install('1.1.0', notes.first.capabilities);
  t.match(pending, { status: 409, body: { error: 'CONSENT_REQUIRED', details: { capabilities: [{ capability: 'realtime', isNew: true }] } } });
  t.match(await owner.send('GET', '/api/x/notes/version'), { body: { version: '1.0.0' } }, 'nothing changed without it');
  await all();
  t.strictSame([...own[0].seen], ['1.0.0']);

  for (let round = 0; round < 2; round++) {
    t.match(await install('1.1.0', notes.second.capabilities), { status: 201, body: { version: '1.1.0' } });
    t.match(await owner.send('GET', '/api/x/notes/version'), { status: 200, body: { version: '1.1.0' } }, 'at once');
    t.match(await owner.send('POST', '/api/x/notes/notes', { text: `round ${round}`, stars: round }), { status: 201, body: { stars: round } });
    await all();
    t.match(await owner.send('POST', '/api/plugins/notes/rollback'), { status: 200, body: { version: '1.0.0' } });
    t.match(await owner.send('GET', '/api/x/notes/version'), { status: 200, body: { version: '1.0.0' } }, 'at once');
    t.match(await owner.send('POST', '/api/x/notes/notes', { text: 'x', stars: 1 }), { status: 400 }, 'the old schema again');
    await all();
  }
  await Promise.all(own.map((one) => one.stop()));
  for (const { answers, seen } of own) {
    t.strictSame(Object.keys(answers), ['200'], JSON.stringify(answers));
    t.strictSame([...seen].toSorted(), ['1.0.0', '1.1.0'], 'the old or the new answer');
  }
  t.equal((await owner.send('GET', '/api/x/notes/notes')).body.items.length, 3, 'rollback keeps the data');
  t.strictSame((await installed()).grants, notes.first.capabilities, 'and gives up what the newer version was granted');
});

t.test('in all of that no request of the other plugin failed', async (t) => {
  await others.stop();
  t.strictSame(Object.keys(others.answers), ['200'], JSON.stringify(others.answers));
  t.ok(others.served > 500, `${others.served} requests`);
});
