import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import S3rver from 's3rver';
import type { S3Options } from './s3-store.ts';

/** An S3 server on the loopback with one bucket, gone when the test ends. */
export async function testBucket(test: { testdir(): string; teardown(fn: () => unknown): unknown }): Promise<{ s3: S3Options; objects(): Promise<string[]> }> {
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: test.testdir(), configureBuckets: [{ name: 'blobs', configs: [] }] });
  const { port } = await server.run();
  const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
  const s3 = { bucket: 'blobs', region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, credentials };
  const client = new S3Client({ region: s3.region, endpoint: s3.endpoint, forcePathStyle: true, credentials });
  test.teardown(async () => {
    client.destroy();
    await server.close();
  });
  return {
    s3,
    async objects() {
      const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: s3.bucket }));
      return (Contents ?? []).map(({ Key }) => Key ?? '');
    },
  };
}
