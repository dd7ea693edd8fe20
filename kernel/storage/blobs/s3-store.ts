import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand, GetObjectCommand, HeadBucketCommand, ListMultipartUploadsCommand, ListObjectsV2Command, AbortMultipartUploadCommand, S3Client } from '@aws-sdk/client-s3';
import { NotFound, Unavailable } from '@proofpix/sdk';
import { blobKey, type BlobStore, type ByteRange } from './blob-store.ts';
import { stageOnS3 } from './s3-staging.ts';

export interface S3Options {
  bucket: string;
  region: string;
  /** for stores other than AWS: addressed by path */
  endpoint?: string | undefined;
  /** without them the SDK's own chain is used (instance role and the like) */
  credentials?: { accessKeyId: string; secretAccessKey: string } | undefined;
}

interface StorageLog {
  warn(fields: object, message: string): void;
}

const root = 'blobs/';
const stagingPrefix = 'staging/';
const maxSweepPages = 100;

const nameOf = (error: unknown): string => String((error as { name?: unknown } | null)?.name);

/** What went wrong in S3, as one of the platform's errors. */
function mapped(error: unknown): unknown {
  if (typeof (error as { kind?: unknown } | null)?.kind === 'string') return error;
  return nameOf(error) === 'NoSuchKey' ? NotFound({ cause: error }) : Unavailable({ message: 'The object store did not answer.', cause: error });
}

/**
 * Blobs as objects `blobs/<tenant>/<aa>/<hash>`, staged below `staging/`. Give the bucket a lifecycle rule that ends
 * incomplete multipart uploads: not every store lists them for the sweep.
 *
 * @throws Error naming AWS_S3_BUCKET when the bucket cannot be reached
 */
export async function openS3Store({ s3, log }: { s3: S3Options; log: StorageLog }): Promise<BlobStore> {
  const client = new S3Client({
    region: s3.region,
    ...(s3.endpoint === undefined ? {} : { endpoint: s3.endpoint, forcePathStyle: true }),
    ...(s3.credentials === undefined ? {} : { credentials: s3.credentials }),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, socketTimeout: 60_000 },
    // stores other than AWS do not all know the trailing checksums
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const Bucket = s3.bucket;
  await client.send(new HeadBucketCommand({ Bucket })).catch((cause: unknown) => {
    client.destroy();
    throw new Error(`AWS_S3_BUCKET: the bucket ${Bucket} cannot be reached: ${nameOf(cause)}`, { cause });
  });

  async function* read(tenantId: string, hash: string, range: ByteRange): AsyncGenerator<Uint8Array> {
    try {
      const Range = `bytes=${range.start}-${range.end === null ? '' : range.end - 1}`;
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: root + blobKey(tenantId, hash), Range }));
      yield* Body as unknown as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw mapped(error);
    }
  }

  async function sweepObjects(before: Date, swept: { blobs: number; bytes: number }): Promise<void> {
    let token: string | undefined;
    for (let page = 0; page < maxSweepPages; page += 1) {
      const listed = await client.send(new ListObjectsV2Command({ Bucket, Prefix: stagingPrefix, ContinuationToken: token }));
      for (const { Key, LastModified, Size } of listed.Contents ?? []) {
        if (Key === undefined || LastModified === undefined || LastModified >= before) continue;
        await client.send(new DeleteObjectCommand({ Bucket, Key }));
        swept.blobs += 1;
        swept.bytes += Size ?? 0;
      }
      token = listed.NextContinuationToken;
      if (token === undefined) return;
    }
  }

  async function sweepUploads(before: Date): Promise<void> {
    try {
      const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: stagingPrefix }));
      for (const { Key, UploadId, Initiated } of Uploads ?? []) {
        if (Initiated === undefined || Initiated >= before) continue;
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      }
    } catch (error) {
      if (nameOf(error) !== 'NotImplemented') throw error;
      log.warn({ bucket: Bucket }, 'the object store does not list incomplete uploads: give the bucket a lifecycle rule that ends them');
    }
  }

  return {
    stage: async () => stageOnS3({ client, bucket: Bucket, stagingKey: stagingPrefix + randomUUID(), finalKey: (tenantId, hash) => root + blobKey(tenantId, hash), mapped }),
    read,
    async remove(tenantId, hash) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: root + blobKey(tenantId, hash) })).catch((error: unknown) => {
        throw mapped(error);
      });
    },
    async sweep(before) {
      const swept = { blobs: 0, bytes: 0 };
      try {
        await sweepObjects(before, swept);
        await sweepUploads(before);
      } catch (error) {
        throw mapped(error);
      }
      return swept;
    },
    close: async () => client.destroy(),
  };
}
