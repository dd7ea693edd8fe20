import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { NotFound, QuotaExceeded, type StoredFile, ValidationError } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import type { Signals } from '../../events/contract.ts';
import type { Logger } from '../../log.ts';
import type { Owner } from '../contract.ts';
import { type ScratchLimits, defaultLimits, openAccounts } from './accounts.ts';
import { type Scratch, uploadName } from './contract.ts';
import { readScratch } from './file-reader.ts';
import { type ScratchWriter, scratchWriter } from './file-writer.ts';
import { isScratchHandle, openHandles } from './handles.ts';
import { claimDirectory, removeLeftovers, touchDirectory } from './leftovers.ts';
import { scratchNodes } from './nodes.ts';
import type { ScratchFile, Session } from './session.ts';

export interface ScratchOptions {
  /** sessions lie under `<dataDir>/scratch` */
  dataDir: string;
  database: Pick<Database, 'system'>;
  signals: Signals;
  log: Pick<Logger, 'warn'>;
  limits?: Partial<ScratchLimits>;
}

const topic = 'scratch';
const beatMs = 5_000;
const maxFilesPerSession = 32;
const sessionPattern = /^([0-9a-f]{16})-[0-9a-f]{32}$/;

const isOf = ({ owner }: Session, { tenantId, pluginId }: Owner): boolean => owner.tenantId === tenantId && owner.pluginId === pluginId;

/** See the contract for what each call promises. */
export async function openScratch({ dataDir, database, signals, log, limits = {} }: ScratchOptions): Promise<Scratch> {
  const accounts = openAccounts({ ...defaultLimits, ...limits });
  const nodes = scratchNodes(database);
  const root = join(dataDir, 'scratch');
  const nodeId = randomBytes(8).toString('hex');
  const sessions = new Map<string, Session>();
  const handles = openHandles();
  let directory: Promise<string> | null = null;
  let beatAt = 0;

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

  function expireAt(session: Session, expiresAt: number): void {
    clearTimeout(session.timer);
    session.expiresAt = expiresAt;
    session.timer = setTimeout(() => void finish(session), Math.max(0, expiresAt - Date.now()));
    session.timer.unref();
  }

  /** Wipes the key first: from here on the files are noise. */
  async function finish(session: Session): Promise<void> {
    if (!sessions.delete(session.id)) return;
    accounts.end(session.owner.tenantId, session.bytes);
    clearTimeout(session.timer);
    session.key.fill(0);
    session.files.clear();
    session.end.abort();
    handles.dropAll(session);
    await rm(session.directory, { recursive: true, force: true, maxRetries: 2 }).catch((error: unknown) => log.warn({ code: (error as { code?: string }).code }, 'ended scratch could not be removed from disk; it is ciphertext without a key'));
  }

  async function make(owner: Owner, ttlMs: number): Promise<Session> {
    accounts.begin(owner.tenantId);
    const id = `${nodeId}-${randomBytes(16).toString('hex')}`;
    const key = Buffer.allocUnsafeSlow(32);
    randomBytes(32).copy(key);
    const session: Session = { id, owner, key, directory: join(root, nodeId, id), expiresAt: 0, files: new Map(), bytes: 0, end: new AbortController(), timer: setTimeout(() => undefined, 0) };
    sessions.set(id, session);
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
    if (session === undefined || !isOf(session, owner)) throw NotFound({ message: 'There is no such session here.' });
    return session;
  }

  function fileOf(session: Session, name: string): ScratchFile {
    const file = session.files.get(name);
    if (file === undefined) throw NotFound({ message: 'The session has no such file.' });
    return file;
  }

  const writerOf = (session: Session, name: string, options: { declaredType: string | null; maxBytes: number }): Promise<ScratchWriter> =>
    scratchWriter({
      session,
      ...options,
      reserve(more) {
        accounts.reserve(session.owner.tenantId, more);
        session.bytes += more;
      },
      async onFinish(file) {
        const old = session.files.get(name);
        session.files.set(name, file);
        if (old !== undefined) await rm(join(session.directory, old.id), { force: true });
      },
    });

  const storedFile = ({ sizeBytes, sha256, mimeType, declaredType }: ScratchFile, id: string): StoredFile => ({ id, sizeBytes, sha256, mimeType, declaredType });

  async function takeEnds(): Promise<void> {
    if (sessions.size === 0) return;
    for (const { owner, sessionId } of await nodes.takeEnds(nodeId)) {
      const session = sessions.get(sessionId);
      if (session !== undefined && isOf(session, owner)) await finish(session);
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
      return {
        writer,
        handle: (file) => handles.give(session, file, 'upload', session.expiresAt),
        discard: () => finish(session),
      };
    },
    async keep(owner, text, ttlMs) {
      const handle = handles.resolve({ ...owner, confined: false }, text);
      if (handle.kind !== 'upload') throw NotFound();
      handles.drop(text);
      expireAt(handle.session, Date.now() + ttlMs);
      return { id: handle.session.id, expiresAt: handle.session.expiresAt, file: storedFile(handle.file, uploadName) };
    },
    async discard(owner, text) {
      const session = handles.upload(text);
      if (session !== null && isOf(session, owner)) await finish(session);
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
      return handles.give(session, fileOf(session, name), 'share', Math.min(session.expiresAt, Date.now() + ttlMs));
    },
    isHandle: isScratchHandle,
    stat: (reader, text) => storedFile(handles.resolve(reader, text).file, text),
    open(reader, text, { start, end }) {
      const { session, file } = handles.resolve(reader, text);
      if (!Number.isSafeInteger(start) || start < 0 || (end !== null && (!Number.isSafeInteger(end) || end < 0))) throw ValidationError({ details: { field: 'range', issue: 'must be whole numbers from 0' } });
      return readScratch(session, file, { start, end: Math.min(end ?? file.sizeBytes, file.sizeBytes) });
    },
    async state(owner, sessionId) {
      const session = sessions.get(sessionId);
      if (session !== undefined) return isOf(session, owner) ? 'here' : 'gone';
      const node = sessionPattern.exec(sessionId)?.[1];
      return node === undefined || node === nodeId || !(await nodes.isAlive(node)) ? 'gone' : 'elsewhere';
    },
    signal: (owner, sessionId) => require(owner, sessionId).end.signal,
    async end(owner, sessionId) {
      const session = sessions.get(sessionId);
      if (session !== undefined) {
        if (isOf(session, owner)) await finish(session);
        return;
      }
      const node = sessionPattern.exec(sessionId)?.[1];
      if (node === undefined || node === nodeId) return;
      await nodes.requestEnd(node, owner, sessionId);
      await signals.raise(topic);
    },
    async purge(owner) {
      for (const session of sessions.values()) if (isOf(session, owner)) await finish(session);
    },
    async close() {
      clearInterval(upkeep);
      unsubscribe();
      for (const session of sessions.values()) await finish(session);
      if (directory === null) return;
      await rm(await directory, { recursive: true, force: true }).catch(() => undefined);
      await nodes.forget([nodeId]).catch(() => undefined);
    },
  };
}
