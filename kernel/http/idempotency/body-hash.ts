import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The hash of a body as it streams past, whoever reads it. */
export interface BodyHash {
  /** Hex; null while the body has not arrived in full. */
  current(): string | null;
  /** Reads and drops what is left; null when the client went away first. */
  whole(): Promise<string | null>;
}

const boundaryOf = (contentType: string | undefined): string | undefined => /^multipart\/form-data;.*\bboundary="?([^";]{1,70})/i.exec(contentType ?? '')?.[1];

/**
 * A form sent again has another random boundary between the same parts, so boundaries are left out.
 * Matches that lie across two chunks are found by carrying the end of each over.
 */
function withoutBoundary(boundary: Buffer, update: (bytes: Buffer) => void): { write(chunk: Buffer): void; end(): void } {
  let carried: Buffer = Buffer.alloc(0);
  return {
    write(chunk) {
      const bytes = carried.length === 0 ? chunk : Buffer.concat([carried, chunk]);
      let from = 0;
      for (let at = bytes.indexOf(boundary); at !== -1; at = bytes.indexOf(boundary, from)) {
        update(bytes.subarray(from, at));
        from = at + boundary.length;
      }
      const keep = Math.max(from, bytes.length - boundary.length + 1);
      update(bytes.subarray(from, keep));
      carried = Buffer.from(bytes.subarray(keep));
    },
    end: () => update(carried),
  };
}

/** Call it before the first byte of the body can have been read. */
export function watchBody(request: IncomingMessage): BodyHash {
  const hash = createHash('sha256');
  const boundary = boundaryOf(request.headers['content-type']);
  const query = request.url?.split('?')[1] ?? '';
  hash.update(`${query}\n${boundary === undefined ? (request.headers['content-type'] ?? '') : 'multipart'}\n`);
  const update = (bytes: Buffer): void => void hash.update(bytes);
  const sink = boundary === undefined ? { write: update, end: () => undefined } : withoutBoundary(Buffer.from(boundary, 'latin1'), update);
  let digest: string | null = null;

  // a body has one reader, and it may be the framework's parser or a form's: so listen where bytes come in
  const push = request.push.bind(request);
  request.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (digest === null) {
      if (chunk === null) {
        sink.end();
        digest = hash.digest('hex');
      } else {
        sink.write(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk as Uint8Array));
      }
    }
    return push(chunk, encoding);
  };

  return {
    current: () => digest,
    whole() {
      if (digest !== null || request.destroyed) return Promise.resolve(digest);
      return new Promise((resolve) => {
        const done = (): void => {
          request.off('end', done);
          request.off('close', done);
          resolve(digest);
        };
        request.on('end', done);
        request.on('close', done);
        request.resume();
      });
    },
  };
}
