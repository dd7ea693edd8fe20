import type { JsonObject } from '@proofpix/sdk';
import type { SandboxLog } from './contract.ts';
import { BundleRefused } from './errors.ts';
import { prepareLaunch } from './host/launch.ts';
import { spawnRunner } from './host/runner-process.ts';
import { makeScript } from './host/scripts.ts';
import { parseUntrusted } from './host/untrusted-json.ts';
import { frame, type Frame } from './runner/frames.ts';

const memoryMiB = 128;
const cpuMs = 1_000;
const residentBytes = 536_870_912;
const checkMs = 20;

/**
 * Runs a bundle in a process of its own, for its manifest and nothing else. What comes back is
 * plain JSON that the bundle claims about itself: whoever asks validates it.
 *
 * @throws BUNDLE_REFUSED when the bundle throws while loading, uses more than 2 s of CPU or
 * 128 MiB, or has not answered after `timeoutMs` (default 10,000).
 */
export async function extractManifest(code: string, { log, timeoutMs = 10_000 }: { log: SandboxLog; timeoutMs?: number }): Promise<JsonObject> {
  const script = makeScript(code);
  const found = Promise.withResolvers<JsonObject>();
  const refuse = (message: string): void => found.reject(BundleRefused({ message }));

  function onFrame({ type, payload }: Frame): void {
    if (type === frame.disposing) refuse(payload.length > 0 ? `The plugin cannot be loaded: ${payload.toString('utf8')}` : 'The plugin uses too much CPU or memory while it loads.');
    if (type !== frame.guestText) return;
    for (const line of payload.toString('utf8').split('\n')) {
      try {
        const message = parseUntrusted(line) as readonly unknown[];
        if (message[0] === 'm') found.resolve(message[1] as JsonObject);
      } catch {
        refuse('The plugin answered with something that is not JSON.');
      }
    }
  }

  const exited = Promise.withResolvers<void>();
  const runner = spawnRunner({
    launch: prepareLaunch(),
    log,
    onFrame,
    onExit() {
      refuse('The plugin ended the process it was loaded in.');
      exited.resolve();
    },
    prepare: () => undefined,
  });
  const late = setTimeout(() => refuse('The plugin took too long to load.'), timeoutMs);
  const scales = setInterval(() => {
    if (runner.residentBytes() > residentBytes) refuse('The plugin uses too much memory while it loads.');
  }, checkMs);
  try {
    runner.send(frame.script, 0, script.number, 0, script.code);
    runner.send(frame.open, 1, script.number, memoryMiB);
    runner.send(frame.text, 1, cpuMs, 1, '[["m"]]');
    const manifest = await found.promise;
    if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) throw BundleRefused({ message: 'The plugin has no manifest.' });
    return manifest;
  } finally {
    clearTimeout(late);
    clearInterval(scales);
    runner.kill();
    await exited.promise;
  }
}
