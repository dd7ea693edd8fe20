import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { NotFound, QuotaExceeded, type StoredFile, Unavailable, ValidationError } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import type { Signals } from '../../events/contract.ts';
import type { Logger } from '../../log.ts';
import type { Owner } from '../contract.ts';
import { type Scratch, type ScratchReader, uploadName } from './contract.ts';
import { readScratch } from './file-reader.ts';
import { type ScratchWriter, scratchWriter } from './file-writer.ts';
import { claimDirectory, removeLeftovers, touchDirectory } from './leftovers.ts';
import { scratchNodes } from './nodes.ts';
import type { ScratchFile, Session } from './session.ts';

export interface ScratchLimits {
  /** default 200 */
  sessionsPerTenant: number;
  /** default 2,000 */
  sessionsPerNode: number;
  /** of ciphertext, default 1 GiB */
  bytesPerTenant: number;
  /** of ciphertext, default 4 GiB */
  bytesPerNode: number;
}

export interface ScratchOptions {
  /** sessions lie under `<dataDir>/scratch` */
  dataDir: string;
  database: Pick<Database, 'system'>;
  signals: Signals;
  log: Pick<Logger, 'warn'>;
  limits?: Partial<ScratchLimits>;
}

const defaultLimits: ScratchLimits = { sessionsPerTenant: 200, sessionsPerNode: 2_000, bytesPerTenant: 1_073_741_824, bytesPerNode: 4_294_967_296 };
const topic = 'scratch';
const beatMs = 5_000;
const maxFilesPerSession = 32;
const maxHandlesPerSession = 64;
const handlePrefix = 's_';
const sessionPattern = /^([0-9a-f]{16})-[0-9a-f]{32}$/;

interface Usage {
  sessions: number;
  bytes: number;
}

interface Handle {
  session: Session;
  file: ScratchFile;
  kind: 'upload' | 'share';
  expiresAt: number;
}

/** Handles and sessions of this process: opaque random names into memory. */
export async function openScratch({ dataDir, database, signals, log, limits: given = {} }: ScratchOptions): Promise<Scratch> {
  const limits = { ...defaultLimits, ...given };
  const nodes = scratchNodes(database);
  const root = join(dataDir, 'scratch');
  const nodeId = randomBytes(8).toString('hex');
  const sessions = new Map<string, Session>();
  const handles = new Map<string, Handle>();
  let directory: Promise<string> | null = null;
  let beatAt = 0;
  const tenants = new Map<string, Usage>();
  let bytes = 0;

  async function tidy(): Promise<void> {
    await nodes.forget(await removeLeftovers(root));
  }

  /** The directory and the first sign of life come with the first session: who never needs scratch writes nothing. */
  async function ready(): Promise<string> {
    directory ??= claimDirectory(root, nodeId).catch((error: unknown) => {
      directory = null;
      throw error;
    });
    const path = await directory;
    if (Date.now() - beatAt > beatMs) await beat();
    return path;
  }

  async function beat(): Promise<void> {
    beatAt = Date.now();
    await nodes.beat(nodeId);
    if (directory !== null) await touchDirectory(await directory);
  }

  const of = (tenantId: string): Usage => tenants.get(tenantId) ?? { sessions: 0, bytes: 0 };

  function count(session: Session, sessionsMore: number, bytesMore: number): void {
    const { tenantId } = session.owner;
    const before = of(tenantId);
    tenants.set(tenantId, { sessions: before.sessions + sessionsMore, bytes: before.bytes + bytesMore });
    if (of(tenantId).sessions === 0) tenants.delete(tenantId);
    bytes += bytesMore;
  }

  function reserve(session: Session, more: number): void {
    if (of(session.owner.tenantId).bytes + more > limits.bytesPerTenant) throw QuotaExceeded({ details: { quota: 'scratchBytes', limit: limits.bytesPerTenant } });
    if (bytes + more > limits.bytesPerNode) throw Unavailable({ message: 'There is no room for more ephemeral content right now.', retryAfterSeconds: 60 });
    session.bytes += more;
    count(session, 0, more);
  }

  function expireAt(session: Session, expiresAt: number): void {
    clearTimeout(session.timer);
    session.expiresAt = expiresAt;
    session.timer = setTimeout(() => void finish(session), Math.max(0, expiresAt - Date.now()));
    session.timer.unref();
  }

  /** Wipes the key first: from here on the files are noise. */
  async function finish(session: Session): Promise<void> {
    if (!sessions.delete(session.id)) return;
    count(session, -1, -session.bytes);
    clearTimeout(session.timer);
    session.key.fill(0);
    session.files.clear();
    session.end.abort();
    for (const [text, handle] of handles) if (handle.session === session) handles.delete(text);
    await rm(session.directory, { recursive: true, force: true, maxRetries: 2 }).catch((error: unknown) => log.warn({ code: (error as { code?: string }).code }, 'ended scratch could not be removed from disk; it is ciphertext without a key'));
  }

  async function make(owner: Owner, ttlMs: number): Promise<Session> {
    if (of(owner.tenantId).sessions >= limits.sessionsPerTenant) throw QuotaExceeded({ details: { quota: 'scratchSessions', limit: limits.sessionsPerTenant } });
    if (sessions.size >= limits.sessionsPerNode) throw Unavailable({ message: 'There are too many ephemeral sessions right now.', retryAfterSeconds: 60 });
    const id = `${nodeId}-${randomBytes(16).toString('hex')}`;
    const key = Buffer.allocUnsafeSlow(32);
    randomBytes(32).copy(key);
    const session: Session = { id, owner, key, directory: join(root, nodeId, id), expiresAt: 0, files: new Map(), bytes: 0, end: new AbortController(), timer: setTimeout(() => undefined, 0) };
    sessions.set(id, session);
    count(session, 1, 0);
    try {
      await ready();
      await mkdir(session.directory, { mode: 0o700 });
    } catch (error) {
      await finish(session);
      throw error;
    }
    expireAt(session, Date.now() + ttlMs);
    return session;
  }

  function require(owner: Owner, sessionId: string): Session {
    const session = sessions.get(sessionId);
    if (session === undefined || session.owner.tenantId !== owner.tenantId || session.owner.pluginId !== owner.pluginId) throw NotFound({ message: 'There is no such session here.' });
    return session;
  }

  function fileOf(session: Session, name: string): ScratchFile {
    const file = session.files.get(name);
    if (file === undefined) throw NotFound({ message: 'The session has no such file.' });
    return file;
  }

  function give(session: Session, file: ScratchFile, kind: Handle['kind'], expiresAt: number): string {
    const text = handlePrefix + randomBytes(24).toString('base64url');
    handles.set(text, { session, file, kind, expiresAt });
    return text;
  }

  function resolve(reader: ScratchReader, text: string): Handle {
    const handle = handles.get(text);
    const isOwn = handle?.session.owner.pluginId === reader.pluginId;
    const isReadable = handle !== undefined && handle.session.owner.tenantId === reader.tenantId && handle.expiresAt > Date.now() && (isOwn || (handle.kind === 'share' && reader.confined));
    if (!isReadable) throw NotFound();
    return handle;
  }

  const writerOf = (session: Session, name: string, options: { declaredType: string | null; maxBytes: number }, onFinish: (file: ScratchFile) => void = () => undefined): Promise<ScratchWriter> =>
    scratchWriter({
      session,
      ...options,
      reserve: (bytes) => reserve(session, bytes),
      onFinish(file) {
        const old = session.files.get(name);
        session.files.set(name, file);
        if (old !== undefined) void rm(join(session.directory, old.id), { force: true }).catch(() => undefined);
        onFinish(file);
      },
    });

  const storedFile = ({ sizeBytes, sha256, mimeType, declaredType }: ScratchFile, id: string): StoredFile => ({ id, sizeBytes, sha256, mimeType, declaredType });

  async function takeEnds(): Promise<void> {
    if (sessions.size === 0) return;
    for (const { owner, sessionId } of await nodes.takeEnds(nodeId)) {
      const session = sessions.get(sessionId);
      if (session !== undefined && session.owner.tenantId === owner.tenantId && session.owner.pluginId === owner.pluginId) await finish(session);
    }
  }

  const quietly = (work: () => Promise<void>) => (): void => void work().catch((error: unknown) => log.warn({ err: error }, 'upkeep of scratch failed and is tried again'));
  const unsubscribe = signals.on(topic, quietly(takeEnds));
  const upkeep = setInterval(
    quietly(async () => {
      // also without sessions: the directory is there, and would count as left behind
      if (directory !== null) await beat();
      await takeEnds();
      await tidy();
    }),
    beatMs,
  );
  upkeep.unref();
  await tidy();

  return {
    async create(owner, ttlMs) {
      const { id, expiresAt } = await make(owner, ttlMs);
      return { id, expiresAt };
    },
    async upload(owner, { declaredType, maxBytes, ttlMs }) {
      const session = await make(owner, ttlMs);
      const writer = await writerOf(session, uploadName, { declaredType, maxBytes });
      // opens nothing before the file is whole
      const text = handlePrefix + randomBytes(24).toString('base64url');
      return {
        writer: {
          ...writer,
          async finish() {
            const file = await writer.finish();
            handles.set(text, { session, file, kind: 'upload', expiresAt: session.expiresAt });
            return file;
          },
        },
        handle: text,
        discard: () => finish(session),
      };
    },
    async keep(owner, text, ttlMs) {
      const handle = resolve({ ...owner, confined: false }, text);
      if (handle.kind !== 'upload') throw NotFound();
      handles.delete(text);
      expireAt(handle.session, Date.now() + ttlMs);
      return { id: handle.session.id, expiresAt: handle.session.expiresAt, file: storedFile(handle.file, uploadName) };
    },
    async discard(owner, text) {
      const handle = handles.get(text);
      if (handle?.kind === 'upload' && handle.session.owner.tenantId === owner.tenantId && handle.session.owner.pluginId === owner.pluginId) await finish(handle.session);
    },
    async write(owner, sessionId, name, options) {
      const session = require(owner, sessionId);
      if (session.files.size >= maxFilesPerSession && !session.files.has(name)) throw QuotaExceeded({ details: { quota: 'scratchFiles', limit: maxFilesPerSession } });
      return writerOf(session, name, options);
    },
    read(owner, sessionId, name) {
      const session = require(owner, sessionId);
      const file = fileOf(session, name);
      return readScratch(session, file, { start: 0, end: file.sizeBytes });
    },
    share(owner, sessionId, name, ttlMs) {
      const session = require(owner, sessionId);
      let shared = 0;
      for (const [text, handle] of handles) {
        if (handle.session !== session) continue;
        if (handle.expiresAt <= Date.now()) handles.delete(text);
        else shared += 1;
      }
      if (shared >= maxHandlesPerSession) throw QuotaExceeded({ details: { quota: 'scratchHandles', limit: maxHandlesPerSession } });
      return give(session, fileOf(session, name), 'share', Math.min(session.expiresAt, Date.now() + ttlMs));
    },
    isHandle: (text) => text.startsWith(handlePrefix),
    stat: (reader, text) => storedFile(resolve(reader, text).file, text),
    open(reader, text, { start, end }) {
      const { session, file } = resolve(reader, text);
      if (!Number.isSafeInteger(start) || start < 0 || (end !== null && (!Number.isSafeInteger(end) || end < 0))) throw ValidationError({ details: { field: 'range', issue: 'must be whole numbers from 0' } });
      return readScratch(session, file, { start, end: Math.min(end ?? file.sizeBytes, file.sizeBytes) });
    },
    async state(owner, sessionId) {
      const session = sessions.get(sessionId);
      if (session !== undefined) return session.owner.tenantId === owner.tenantId && session.owner.pluginId === owner.pluginId ? 'here' : 'gone';
      const node = sessionPattern.exec(sessionId)?.[1];
      return node === undefined || node === nodeId || !(await nodes.isAlive(node)) ? 'gone' : 'elsewhere';
    },
    signal: (owner, sessionId) => require(owner, sessionId).end.signal,
    async end(owner, sessionId) {
      const session = sessions.get(sessionId);
      if (session !== undefined) {
        if (session.owner.tenantId === owner.tenantId && session.owner.pluginId === owner.pluginId) await finish(session);
        return;
      }
      const node = sessionPattern.exec(sessionId)?.[1];
      if (node === undefined || node === nodeId) return;
      await nodes.requestEnd(node, owner, sessionId);
      await signals.raise(topic);
    },
    async purge(owner) {
      for (const session of [...sessions.values()]) if (session.owner.tenantId === owner.tenantId && session.owner.pluginId === owner.pluginId) await finish(session);
    },
    async close() {
      clearInterval(upkeep);
      unsubscribe();
      for (const session of [...sessions.values()]) await finish(session);
      if (directory === null) return;
      await rm(await directory, { recursive: true, force: true }).catch(() => undefined);
      await nodes.forget([nodeId]).catch(() => undefined);
    },
  };
}
