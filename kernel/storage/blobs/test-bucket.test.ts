import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import t from 'tap';
import { until } from '../../../test/support/messaging.ts';
import { testBucket } from './test-bucket.ts';

/**
 * Why `open-blobs.test.ts` reads again what was cut short on this server: it writes an object in place, where S3
 * replaces it at once and whole. Nothing of ours takes part here. Should this fail after an update of the server,
 * that tolerance can go.
 */
t.test('while an object is written anew, the tests’ S3 server serves its beginning', async (t) => {
  const { s3 } = await testBucket(t);
  // with an agent of its own the client does not wait for a "100 Continue", which this server never sends
  const client = new S3Client({ ...s3, forcePathStyle: true, requestHandler: { httpAgent: new Agent() }, requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' });
  t.teardown(() => client.destroy());
  const object = { Bucket: s3.bucket, Key: 'blobs/same' };
  const content = randomBytes(2_000_000);
  const read = async (): Promise<Buffer> => Buffer.from((await (await client.send(new GetObjectCommand(object))).Body?.transformToByteArray()) ?? []);
  await client.send(new PutObjectCommand({ ...object, Body: content }));
  t.ok((await read()).equals(content));

  const held = Promise.withResolvers<void>();
  async function* slowly(): AsyncGenerator<Uint8Array> {
    yield content.subarray(0, 1_000_000);
    await held.promise;
    yield content.subarray(1_000_000);
  }
  const overwriting = client.send(new PutObjectCommand({ ...object, Body: Readable.from(slowly()), ContentLength: content.length }));
  overwriting.catch(() => undefined);
  let seen: Uint8Array = content;
  try {
    await until(async () => {
      // a read that begins just before is torn off, which is no short content but an error
      seen = await read().catch(() => content);
      return seen.length < content.length;
    });
  } finally {
    held.resolve();
  }
  t.ok(content.subarray(0, seen.length).equals(seen), `the first ${seen.length} of ${content.length} bytes`);
  await overwriting;
  t.ok((await read()).equals(content));
});
