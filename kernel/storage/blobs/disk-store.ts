import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NotFound } from '@proofpix/sdk';
import { blobKey, type BlobStore, type ByteRange, type StagedBlob } from './blob-store.ts';

const readBytes = 256 * 1024;
const stagingName = 'staging';

const isAbsent = (error: unknown): boolean => (error as { code?: string } | null)?.code === 'ENOENT';

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

/** Makes a directory and the missing ones above it, so that their names survive a loss of power too. */
async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

async function* readFrom(path: string, range: ByteRange): AsyncGenerator<Uint8Array> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    throw isAbsent(error) ? NotFound({ cause: error }) : error;
  }
  try {
    let position = range.start;
    const end = range.end ?? Number.POSITIVE_INFINITY;
    while (position < end) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(Math.min(readBytes, end - position)), 0, Math.min(readBytes, end - position), position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/**
 * Blobs as files `<root>/<tenant>/<aa>/<hash>`. A write goes to `<root>/staging` on the same file system, is synced,
 * renamed and its directory synced, in this order.
 */
export async function openDiskStore(root: string): Promise<BlobStore> {
  const staging = join(root, stagingName);
  await makeDirectory(staging);

  async function stage(): Promise<StagedBlob> {
    const path = join(staging, randomUUID());
    const handle = await open(path, 'wx', 0o600);
    let isOpen = true;
    const shut = async (): Promise<void> => {
      if (!isOpen) return;
      isOpen = false;
      await handle.close();
    };
    return {
      async write(chunk) {
        for (let offset = 0; offset < chunk.length; ) {
          const { bytesWritten } = await handle.write(chunk, offset, chunk.length - offset);
          offset += bytesWritten;
        }
      },
      async place(tenantId, hash) {
        const target = join(root, blobKey(tenantId, hash));
        if (isOpen) await handle.sync();
        await shut();
        await makeDirectory(dirname(target));
        await rename(path, target).catch((error: unknown) => {
          if (!isAbsent(error)) throw error;
          // placed before: the caller is trying again
          return stat(target);
        });
        await syncDirectory(dirname(target));
      },
      async drop() {
        await shut().catch(() => undefined);
        await rm(path, { force: true }).catch(() => undefined);
      },
    };
  }

  return {
    stage,
    read: (tenantId, hash, range) => readFrom(join(root, blobKey(tenantId, hash)), range),
    async remove(tenantId, hash) {
      await rm(join(root, blobKey(tenantId, hash)), { force: true });
    },
    async sweep(before) {
      const swept = { blobs: 0, bytes: 0 };
      for (const name of await readdir(staging)) {
        const path = join(staging, name);
        const found = await stat(path).catch(() => null);
        if (found === null || found.mtime >= before) continue;
        await rm(path, { force: true });
        swept.blobs += 1;
        swept.bytes += found.size;
      }
      return swept;
    },
    close: async () => undefined,
  };
}
