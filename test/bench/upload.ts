import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { send } from '../support/server.ts';
import { forkServer, residentMiB, startKernel } from './child.ts';
import { type BenchRow, inTurns, oursAtMost, pairedRow, ratioAtLeast, withTeardown } from './support.ts';

const sizeBytes = 100_000_000;
const chunk = Buffer.alloc(250_000, 'photo bytes that no sniffer knows ');
const rounds = 5;
const uploadTimeoutMs = 120_000;

/** Sends the file as one multipart body at the pace of the receiver. @returns MB a second */
async function upload(url: string, headers: Record<string, string>): Promise<number> {
  const boundary = 'bench-boundary';
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="options"\r\n\r\n{"processImmediately":false}\r\n--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="large.bin"\r\ncontent-type: application/octet-stream\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const begun = performance.now();
  const outgoing = request(url, { method: 'POST', headers: { ...headers, 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': head.length + sizeBytes + tail.length }, signal: AbortSignal.timeout(uploadTimeoutMs) });
  const answered = once(outgoing, 'response');
  outgoing.write(head);
  for (let sent = 0; sent < sizeBytes; sent += chunk.length) if (!outgoing.write(chunk)) await once(outgoing, 'drain');
  outgoing.end(tail);
  const [response] = (await answered) as [import('node:http').IncomingMessage];
  const text = (await response.toArray()).join('');
  if (response.statusCode !== 201) throw new Error(`an upload was answered with ${response.statusCode}: ${text.slice(0, 200)}`);
  return sizeBytes / 1_000 / (performance.now() - begun);
}

/** Uploads of 100 MB through the files plugin, against bare Fastify that hashes, writes and syncs a file on the same disk. */
export async function benchUpload(): Promise<BenchRow[]> {
  return withTeardown(async (t) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'proofpix-bench-'));
    t.teardown(() => rm(dataDir, { recursive: true, force: true }));
    const kernel = await startKernel({ DATA_DIR: dataDir, OPERATOR_EMAIL: 'operator@example.com', OPERATOR_PASSWORD: 'Correct-Horse-Battery-9' });
    t.teardown(() => kernel.close());
    const bare = await forkServer<string>('upload-server.ts', [dataDir]);
    t.teardown(() => bare.close());
    const who = { email: 'anna@example.com', password: 'Correct-Horse-Battery-7' };
    await send(kernel.url, 'POST', '/api/auth/register', { ...who, firstName: 'Anna', lastName: 'Meyer' });
    const { body } = await send(kernel.url, 'POST', '/api/auth/login', who);
    const [before, bareBefore] = [await residentMiB(kernel.pid), await residentMiB(bare.child.pid ?? 0)];
    const pairs = await inTurns(rounds, () => upload(`${kernel.url}/api/files/upload`, { authorization: `Bearer ${body.accessToken}` }), () => upload(`${bare.started}/upload`, {}));
    const [grown, bareGrown] = [(await residentMiB(kernel.pid)).peak - before.now, (await residentMiB(bare.child.pid ?? 0)).peak - bareBefore.now];
    return [
      pairedRow('upload of 100 MB vs bare Fastify hashing to a synced file', 'MB/s', pairs, ratioAtLeast(0.5)),
      { ...pairedRow(`memory growth over ${rounds + 1} uploads of 100 MB, at its highest`, 'MiB', [{ ours: grown, baseline: bareGrown }], oursAtMost(100)) },
    ];
  });
}
