import { createHash, createHmac, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

/**
 * What guests call synchronously: cryptography and URL parsing by Node. Nothing here throws, for
 * an error object would carry this process's stack into the guest: null means "not valid".
 */
const maxInputBytes = 8_388_608;
const maxUrlLength = 65_536;
const algorithms = new Set(['sha256', 'sha512', 'sha1', 'md5']);
// RFC 8410: the fixed DER around a raw Ed25519 key.
const privateHead = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicHead = Buffer.from('302a300506032b6570032100', 'hex');

function bytesOf(value: unknown): Buffer | null {
  return value instanceof ArrayBuffer && value.byteLength <= maxInputBytes ? Buffer.from(value) : null;
}

function exact(buffer: Uint8Array): ArrayBuffer {
  return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength) as ArrayBuffer;
}

function guarded<A extends unknown[], R>(run: (...args: A) => R): (...args: A) => R | null {
  return (...args) => {
    try {
      return run(...args);
    } catch {
      return null;
    }
  };
}

const parts = (url: URL): string =>
  JSON.stringify([url.href, url.origin, url.protocol, url.username, url.password, url.host, url.hostname, url.port, url.pathname, url.search, url.hash]);
const settable = new Set(['href', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash']);

export const primitives = {
  hash: guarded((algorithm: unknown, data: unknown) => {
    const bytes = bytesOf(data);
    if (bytes === null || typeof algorithm !== 'string' || !algorithms.has(algorithm)) return null;
    return exact(createHash(algorithm).update(bytes).digest());
  }),
  hmac: guarded((algorithm: unknown, key: unknown, data: unknown) => {
    const [secret, bytes] = [bytesOf(key), bytesOf(data)];
    if (secret === null || bytes === null || typeof algorithm !== 'string' || !algorithms.has(algorithm)) return null;
    return exact(createHmac(algorithm, secret).update(bytes).digest());
  }),
  ed25519Sign: guarded((key: unknown, data: unknown) => {
    const [seed, bytes] = [bytesOf(key), bytesOf(data)];
    if (seed?.length !== 32 || bytes === null) return null;
    return exact(sign(null, bytes, createPrivateKey({ key: Buffer.concat([privateHead, seed]), format: 'der', type: 'pkcs8' })));
  }),
  ed25519Verify: guarded((key: unknown, data: unknown, signature: unknown) => {
    const [raw, bytes, mark] = [bytesOf(key), bytesOf(data), bytesOf(signature)];
    if (raw?.length !== 32 || bytes === null || mark === null) return null;
    return verify(null, bytes, createPublicKey({ key: Buffer.concat([publicHead, raw]), format: 'der', type: 'spki' }), mark);
  }),
  /** The parts of a URL as a JSON array, in the order of {@link parts}; with `name`, after setting that part. */
  url: guarded((href: unknown, base: unknown, name: unknown, value: unknown) => {
    if (typeof href !== 'string' || href.length > maxUrlLength) return null;
    if (typeof base === 'string' && base.length > maxUrlLength) return null;
    const url = typeof base === 'string' ? new URL(href, base) : new URL(href);
    if (typeof name === 'string') {
      if (!settable.has(name) || typeof value !== 'string' || value.length > maxUrlLength) return null;
      url[name as 'href'] = value;
    }
    return parts(url);
  }),
};
