import { AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CopyObjectCommand, CreateMultipartUploadCommand, DeleteObjectCommand, PutObjectCommand, type S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import type { StagedBlob } from './blob-store.ts';

/** S3 wants at least 5 MiB for all parts but the last, and allows 10,000 of them. */
const partBytes = 8 * 1024 * 1024;
/** A buffer begins small and doubles: most files are small. */
const firstBufferBytes = 64 * 1024;

interface StagingOptions {
  client: S3Client;
  bucket: string;
  stagingKey: string;
  finalKey(tenantId: string, hash: string): string;
  mapped(error: unknown): unknown;
}

/**
 * A write to S3 in constant memory: one part is filled while the one before it is on its way. The final key holds the
 * hash, which is known at the end only, so what is larger than one part goes to a staging key first and is copied
 * inside S3; what is smaller is put at once.
 */
export function stageOnS3({ client, bucket, stagingKey, finalKey, mapped }: StagingOptions): StagedBlob {
  const staged = { Bucket: bucket, Key: stagingKey };
  let part = Buffer.allocUnsafeSlow(firstBufferBytes);
  let filled = 0;
  let uploadId: string | undefined;
  let sending: Promise<void> = Promise.resolve();
  let isAssembled = false;
  const parts: { ETag: string | undefined; PartNumber: number }[] = [];

  function makeRoom(wanted: number): void {
    if (wanted <= part.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.min(partBytes, Math.max(wanted, part.length * 2)));
    part.copy(larger, 0, 0, filled);
    part = larger;
  }

  async function send(body: Buffer): Promise<void> {
    uploadId ??= (await client.send(new CreateMultipartUploadCommand(staged))).UploadId;
    const PartNumber = parts.length + 1;
    const { ETag } = await client.send(new UploadPartCommand({ ...staged, UploadId: uploadId, PartNumber, Body: body, ContentLength: body.length }));
    parts.push({ ETag, PartNumber });
  }

  async function flush(): Promise<void> {
    await sending;
    const body = part.subarray(0, filled);
    // what is larger than one part is likely to fill the next as well
    part = Buffer.allocUnsafeSlow(partBytes);
    filled = 0;
    sending = send(body);
    // reported by the next await of it
    sending.catch(() => undefined);
  }

  async function assemble(): Promise<void> {
    if (isAssembled) return;
    if (filled > 0) await flush();
    await sending;
    await client.send(new CompleteMultipartUploadCommand({ ...staged, UploadId: uploadId, MultipartUpload: { Parts: parts } }));
    isAssembled = true;
  }

  return {
    async write(chunk) {
      try {
        for (let offset = 0; offset < chunk.length; ) {
          const taken = Math.min(chunk.length - offset, partBytes - filled);
          makeRoom(filled + taken);
          part.set(chunk.subarray(offset, offset + taken), filled);
          filled += taken;
          offset += taken;
          if (filled === partBytes) await flush();
        }
      } catch (error) {
        throw mapped(error);
      }
    },
    async place(tenantId, hash) {
      const target = { Bucket: bucket, Key: finalKey(tenantId, hash) };
      try {
        await sending;
        if (uploadId === undefined) {
          await client.send(new PutObjectCommand({ ...target, Body: part.subarray(0, filled), ContentLength: filled }));
          return;
        }
        await assemble();
        await client.send(new CopyObjectCommand({ ...target, CopySource: `${bucket}/${stagingKey}` }));
      } catch (error) {
        throw mapped(error);
      }
    },
    async drop() {
      await sending.catch(() => undefined);
      if (isAssembled) await client.send(new DeleteObjectCommand(staged)).catch(() => undefined);
      else if (uploadId !== undefined) await client.send(new AbortMultipartUploadCommand({ ...staged, UploadId: uploadId })).catch(() => undefined);
    },
  };
}
