import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import multipart from '@fastify/multipart';
import Fastify from 'fastify';

/** Bare Fastify that writes an upload to a file, hashes it and syncs it, and streams a file of so many bytes: `node upload-server.ts <folder> [<bytes>]`. */
const folder = process.argv[2] ?? '';
const fastify = Fastify({ bodyLimit: 200_000_000 });
await fastify.register(multipart, { limits: { fileSize: 200_000_000 } });
fastify.post('/upload', async (request, reply) => {
  const file = await request.file();
  if (file === undefined) return reply.code(400).send();
  const path = join(folder, randomUUID());
  const handle = await open(path, 'wx');
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of file.file as AsyncIterable<Buffer>) {
      hash.update(chunk);
      await handle.writeFile(chunk);
      sizeBytes += chunk.length;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rm(path);
  return reply.code(201).send({ sizeBytes, sha256: hash.digest('hex') });
});
const fileBytes = Number(process.argv[3] ?? 0);
const file = join(folder, 'to-download');
await writeFile(file, Buffer.alloc(fileBytes, 'photo bytes '));
fastify.get('/file', (_request, reply) => reply.header('content-length', fileBytes).type('application/octet-stream').send(createReadStream(file)));
process.send?.(await fastify.listen({ port: 0 }));
process.on('disconnect', () => process.exit(0));
