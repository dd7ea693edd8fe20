import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { send } from '../../support/server.ts';

const require = createRequire(import.meta.url);
const photo = readFileSync(require.resolve('exif-parser/test/starfish.jpg'));

/** Mulberry32: small, and the same everywhere. */
export function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A client that knows one server at a time, and what was acknowledged to it. */
export function createClient(random: () => number) {
  const acknowledged = { files: new Map<string, { sha256: string; isProcessed: boolean }>(), emitted: [] as string[], sent: [] as string[], both: [] as string[] };
  let url = '';
  let token = '';
  let count = 0;
  const acks: Record<string, number> = { upload: 0, emit: 0, send: 0, both: 0 };
  const refused: string[] = [];

  const call = (method: string, path: string, body?: unknown) => send(url, method, path, body, { authorization: `Bearer ${token}` });

  /** Nothing is known of a request whose connection broke; anything else but success is a defect. */
  async function attempt(kind: string, path: string, body: unknown): Promise<{ id: string } | null> {
    const reply = await call('POST', path, body).catch(() => null);
    if (reply === null) return null;
    if (reply.status !== 201) {
      refused.push(`${path} ${reply.status} ${JSON.stringify(reply.body)}`);
      return null;
    }
    acks[kind] = (acks[kind] ?? 0) + 1;
    return reply.body as { id: string };
  }

  async function note(path: string, list: string[]): Promise<void> {
    const key = `${path} ${++count}`;
    if ((await attempt(path, `/api/ledger/${path}`, { key })) !== null) list.push(key);
  }

  async function upload(): Promise<void> {
    const isProcessed = random() < 0.15;
    const bytes = isProcessed ? Buffer.concat([photo, Buffer.from(String(++count))]) : Buffer.alloc(1 + Math.floor(random() * 300_000), `${++count} `);
    const form = new FormData();
    form.append('file', new Blob([bytes], { type: isProcessed ? 'image/jpeg' : 'text/plain' }), `file ${count}`);
    form.append('options', JSON.stringify({ processImmediately: isProcessed }));
    const made = await attempt('upload', '/api/files/upload', form);
    if (made !== null) acknowledged.files.set(made.id, { sha256: sha256(bytes), isProcessed });
  }

  return {
    acknowledged,
    refused,
    call,
    acks,
    use(address: string): void {
      url = address;
    },
    async register(): Promise<void> {
      const who = { email: 'crash@example.com', password: `Violet-Kettle-${crypto.randomUUID().slice(0, 8)}` };
      const registered = await call('POST', '/api/auth/register', { ...who, firstName: 'A', lastName: 'B' });
      if (registered.status !== 201) throw new Error(`register answered ${registered.status}`);
      const { status, body } = await call('POST', '/api/auth/login', who);
      if (status !== 200) throw new Error(`login answered ${status}`);
      token = body.accessToken;
    },
    /** Writes of every kind until the server is gone. */
    async write(isUp: () => boolean): Promise<void> {
      const kinds = [upload, () => note('emit', acknowledged.emitted), () => note('send', acknowledged.sent), () => note('both', acknowledged.both)];
      await Promise.all(
        kinds.map(async (kind) => {
          while (isUp()) await kind();
        }),
      );
    },
    /** The record is there and its content is whole. */
    async fileProblem(id: string, expected?: string): Promise<string | null> {
      const record = await call('GET', `/api/files/${id}`);
      if (record.status !== 200) return `${id}: ${record.status}`;
      const content = await fetch(`${url}/api/files/${id}/download`, { headers: { authorization: `Bearer ${token}` } });
      const found = sha256(new Uint8Array(await content.arrayBuffer()));
      return content.status === 200 && found === (expected ?? record.body.sha256) ? null : `${id}: ${content.status} ${found}`;
    },
    async book(name: string): Promise<string[]> {
      const keys: string[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { status, body } = await call('GET', `/api/ledger/books/${name}${cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`}`);
        if (status !== 200) throw new Error(`the ${name} cannot be read: ${status} ${JSON.stringify(body)}`);
        keys.push(...(body.items as string[]));
        cursor = body.nextCursor as string | null;
      }
      return keys;
    },
  };
}
export type Client = ReturnType<typeof createClient>;

/** What of `all` is not there. */
export const without = (all: Iterable<string>, there: ReadonlySet<string>): string[] => [...all].filter((one) => !there.has(one));

/** Everything acknowledged so far that has to be there now; effects may still be under way. */
export async function lostNow(client: Client, files: Iterable<string>): Promise<string[]> {
  const problems: (string | null)[] = [];
  const ids = [...files];
  for (let at = 0; at < ids.length; at += 8) problems.push(...(await Promise.all(ids.slice(at, at + 8).map((id) => client.fileProblem(id, client.acknowledged.files.get(id)?.sha256)))));
  return [...problems.filter((problem) => problem !== null), ...without(client.acknowledged.both, new Set(await client.book('entries')))];
}

/** Effects that have to come about, sooner or later. */
export async function lostInTheEnd(client: Client): Promise<string[]> {
  const { files, emitted, sent } = client.acknowledged;
  const entries = await client.book('entries');
  const effects = new Set(await client.book('effects'));
  // An entry that was not acknowledged is there with its event and its job, or not at all.
  const expected = [...emitted, ...sent, ...[...files.keys()].map((id) => `file ${id}`), ...entries.flatMap((key) => [`event of ${key}`, `job of ${key}`])];
  const lost = without(expected, effects);
  for (const [id, { isProcessed }] of files) {
    if (!isProcessed) continue;
    const { status } = (await client.call('GET', `/api/files/${id}`)).body;
    if (status !== 'completed') lost.push(`${id} is ${status}`);
  }
  return lost;
}

/** What is still lost when nothing is any more, or after a minute: claims of a killed server last 15 s, and retries wait. */
export async function remaining(look: () => Promise<string[]>, timeoutMs = 60_000): Promise<string[]> {
  for (const end = Date.now() + timeoutMs; ; await delay(50)) {
    // UNAVAILABLE is an honest answer of a machine that is busy catching up; it just is not the last word.
    const lost = await look().catch((error: unknown) => [String(error)]);
    if (lost.length === 0 || Date.now() > end) return lost;
  }
}
