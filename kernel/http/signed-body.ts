import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { PayloadTooLarge, Unauthorized } from '@proofpix/sdk';

interface Proof {
  /** SHA-256 of the body in base64; null while it has not arrived in full */
  digest: string | null;
  /** what the signature says; null when no key that signs is asking */
  expected: string | null;
}

/** Of a body that nobody has read, e.g. that of a GET. */
const unreadBytes = 65_536;

const proofs = new WeakMap<IncomingMessage, Proof>();

const isSigned = ({ headers }: IncomingMessage): boolean => headers['x-api-key'] !== undefined && headers['x-signature'] !== undefined;

/**
 * Hashes the body of a signed request as it arrives, in constant memory, whoever reads it. Call it before
 * the first byte can have been read.
 */
export function watchSignedBody(request: IncomingMessage): void {
  if (!isSigned(request)) return;
  const proof: Proof = { digest: null, expected: null };
  proofs.set(request, proof);
  const hash = createHash('sha256');
  // a body has one reader, and it may be the framework's parser or a form's: so listen where bytes come in
  const push = request.push.bind(request);
  request.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (proof.digest === null) {
      if (chunk === null) proof.digest = hash.digest('base64');
      else if (typeof chunk === 'string') hash.update(chunk, encoding ?? 'utf8');
      else hash.update(chunk as Uint8Array);
    }
    return push(chunk, encoding);
  };
}

/** From now on the body is held to this digest, SHA-256 in base64: {@link provenBody}. */
export function expectBody(request: IncomingMessage, digest: string): void {
  const proof = proofs.get(request);
  if (proof === undefined) throw new Error('a signed request came in unwatched');
  proof.expected = digest;
}

function restOf(request: IncomingMessage, proof: Proof): Promise<void> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const stop = (): void => {
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('close', onEnd);
    };
    const onEnd = (): void => {
      stop();
      resolve();
    };
    const onData = (chunk: Uint8Array): void => {
      bytes += chunk.length;
      if (bytes <= unreadBytes) return;
      stop();
      reject(PayloadTooLarge({ message: 'This route takes no such body.' }));
    };
    if (proof.digest !== null || request.destroyed) return onEnd();
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('close', onEnd);
    request.resume();
  });
}

async function prove(request: IncomingMessage, proof: Proof): Promise<void> {
  if (proof.digest === null) await restOf(request, proof);
  if (proof.digest !== proof.expected) throw Unauthorized({ message: 'The body is not the one that was signed.', details: { field: 'headers.content-digest', issue: 'does not fit the body' } });
}

/**
 * What must be asked after a body was read and before anybody acts on it. Undefined for a request that
 * nobody signed, which is nearly all of them.
 *
 * @throws rejects with UNAUTHORIZED for a body that is not the signed one
 */
export function provenBody(request: IncomingMessage): Promise<void> | undefined {
  const proof = proofs.get(request);
  return proof === undefined || proof.expected === null ? undefined : prove(request, proof);
}
