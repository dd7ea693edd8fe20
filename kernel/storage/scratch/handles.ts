import { randomBytes } from 'node:crypto';
import { NotFound, QuotaExceeded } from '@proofpix/sdk';
import type { ScratchReader } from './contract.ts';
import type { ScratchFile, Session } from './session.ts';

const prefix = 's_';
const maxPerSession = 64;

interface Handle {
  session: Session;
  file: ScratchFile;
  kind: 'upload' | 'share';
  /** milliseconds since the epoch */
  expiresAt: number;
}

export const isScratchHandle = (text: string): boolean => text.startsWith(prefix);

/** Random names of files, known to this process only. */
export interface ScratchHandles {
  /** @throws QUOTA_EXCEEDED (`scratchHandles`) */
  give(session: Session, file: ScratchFile, kind: Handle['kind'], expiresAt: number): string;
  /** @throws NOT_FOUND unless the reader owns it, or it was shared and the reader is confined */
  resolve(reader: ScratchReader, text: string): Handle;
  /** An upload that nobody has kept. */
  upload(text: string): Session | null;
  drop(text: string): void;
  dropAll(session: Session): void;
}

export function openHandles(): ScratchHandles {
  const handles = new Map<string, Handle>();
  return {
    give(session, file, kind, expiresAt) {
      let count = 0;
      for (const [text, handle] of handles) {
        if (handle.session !== session) continue;
        if (handle.expiresAt <= Date.now()) handles.delete(text);
        else count += 1;
      }
      if (count >= maxPerSession) throw QuotaExceeded({ details: { quota: 'scratchHandles', limit: maxPerSession } });
      const text = prefix + randomBytes(24).toString('base64url');
      handles.set(text, { session, file, kind, expiresAt });
      return text;
    },
    resolve(reader, text) {
      const handle = handles.get(text);
      const isOwn = handle?.session.owner.pluginId === reader.pluginId;
      if (handle === undefined || handle.session.owner.tenantId !== reader.tenantId || handle.expiresAt <= Date.now() || !(isOwn || (handle.kind === 'share' && reader.confined))) throw NotFound();
      return handle;
    },
    upload(text) {
      const handle = handles.get(text);
      return handle?.kind === 'upload' ? handle.session : null;
    },
    drop: (text) => void handles.delete(text),
    dropAll(session) {
      for (const [text, handle] of handles) if (handle.session === session) handles.delete(text);
    },
  };
}
