import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import type ivm from 'isolated-vm';
import { frame, frameSink, frameSource, type Frame } from './frames.ts';
import { openGuest, type Guest } from './guest.ts';
import { scriptStore } from './scripts.ts';

/**
 * The process that holds isolates. It has no environment, file system, network or spawn, and it
 * trusts nothing that comes out of an isolate: guest text is passed on unread.
 */
const { ivm: engine } = createRequire('/')(process.argv[2] as string) as { ivm: typeof ivm };
// The addon was all that had to be read; from here on nothing can be.
for (const scope of ['addon', 'fs.read']) process.permission.drop(scope);
const pipe = new Socket({ fd: 3, readable: true, writable: true });
const out = frameSink(pipe);
const scripts = scriptStore();
const guests = new Map<number, Guest>();
const tickMs = 5;
let watchdog: NodeJS.Timeout | null = null;

/** Runs only while a guest is on the CPU, so an idle process stays idle. */
function watch(): void {
  watchdog ??= setInterval(() => {
    let busy = false;
    for (const guest of guests.values()) busy = guest.watch() || busy;
    if (busy || watchdog === null) return;
    clearInterval(watchdog);
    watchdog = null;
  }, tickMs);
}

function receive({ type, guest: id, a, b, payload }: Frame): void {
  const guest = guests.get(id);
  switch (type) {
    case frame.script:
      return scripts.add(a, payload.toString('utf8'));
    case frame.open:
      guests.set(id, openGuest({ id, engine, script: scripts.get(a), memoryMiB: b, out, onBusy: watch, onGone: () => guests.delete(id) }));
      return;
    case frame.text:
      return guest?.deliver(a, b, payload.toString('utf8'));
    case frame.chunk:
      return guest?.deliver(a, b, new Uint8Array(payload).buffer);
    case frame.close:
      return guest?.end('closed');
    case frame.expire:
      return guest?.expire();
    case frame.idle:
      return guest?.idle();
    case frame.forget:
      return scripts.forget(a);
    case frame.ping:
      return out.send(frame.pong, 0, a, Math.round(process.memoryUsage.rss() / 1024));
  }
}

const source = frameSource(receive);
pipe.on('data', source);
// The server has gone: nobody is left to work for. An orderly exit would wait for isolates that do not stop.
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
pipe.on('close', die);
pipe.on('error', die);
