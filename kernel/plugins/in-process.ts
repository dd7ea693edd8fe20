import { createHash, createHmac, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { DeadlineExceeded, NotFound, Unavailable, type Plugin } from '@proofpix/sdk';
import { dispatch, type HostPort, type Primitives } from '@proofpix/sdk/runtime';
import type { HostSession, Runtime } from './contract.ts';

/** DER prefixes that make raw Ed25519 keys into PKCS #8 and SPKI (RFC 8410, section 10). */
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

const primitives: Primitives = {
  hash: (algorithm, data) => createHash(algorithm).update(data).digest(),
  hmac: (algorithm, key, data) => createHmac(algorithm, key).update(data).digest(),
  ed25519Sign: (privateKey, data) => sign(null, data, createPrivateKey({ key: Buffer.concat([privatePrefix, privateKey]), format: 'der', type: 'pkcs8' })),
  ed25519Verify: (publicKey, data, signature) => verify(null, data, createPublicKey({ key: Buffer.concat([publicPrefix, publicKey]), format: 'der', type: 'spki' }), signature),
};

function portOver(session: HostSession, startedMs: number): HostPort {
  let nowMs = startedMs;
  return {
    async call(name, args) {
      const result = await session.call(name, args);
      nowMs = Date.now();
      return result;
    },
    pull: (stream) => session.pull(stream),
    push: (stream, chunk) => session.push(stream, chunk),
    notify: (name, args) => session.notify(name, args),
    now: () => nowMs,
    aborted: () => session.signal.aborted,
  };
}

export interface InProcessRuntime extends Runtime {
  register(plugin: Plugin): void;
}

/**
 * Runs first-party plugins in the kernel's own process: same dispatch, same host session, same
 * JSON at the wall as in the sandbox. Only budgets of CPU and memory do not exist here.
 */
export function openInProcessRuntime(): InProcessRuntime {
  const plugins = new Map<string, Plugin>();
  return {
    register(plugin) {
      plugins.set(`${plugin.manifest.id}@${plugin.manifest.version}`, plugin);
    },
    async invoke(target, invocation, session) {
      const plugin = plugins.get(`${target.pluginId}@${target.version}`);
      if (plugin === undefined) throw NotFound({ message: `The plugin ${target.pluginId} ${target.version} is not loaded.` });
      const { signal } = session;
      let ended: (() => void) | undefined;
      const end = new Promise<never>((_, reject) => {
        ended = () => reject(Date.now() >= invocation.call.deadline ? DeadlineExceeded() : Unavailable({ message: 'The call was cancelled.' }));
        if (signal.aborted) ended();
        else signal.addEventListener('abort', ended, { once: true });
      });
      try {
        return await Promise.race([dispatch(plugin, invocation, portOver(session, invocation.call.nowMs), primitives), end]);
      } finally {
        signal.removeEventListener('abort', ended as () => void);
      }
    },
  };
}
