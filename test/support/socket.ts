import { WebSocket } from 'ws';

export interface TestSocket {
  /** Frames so far. */
  readonly frames: readonly { event: string; data: Record<string, unknown>; id: string | null }[];
  /** Resolves with the first frame that fits; rejects after `timeoutMs`. */
  next(event: string, matches?: (data: Record<string, unknown>) => boolean, timeoutMs?: number): Promise<Record<string, unknown>>;
  close(): void;
}

/** An authenticated client of `/ws`. */
export async function openSocket(base: string, token: string): Promise<TestSocket> {
  const frames: { event: string; data: Record<string, unknown>; id: string | null }[] = [];
  const listeners = new Set<() => void>();
  const socket = new WebSocket(`${base.replace('http', 'ws')}/ws`, { headers: { authorization: `Bearer ${token}` } });
  socket.on('message', (text) => {
    frames.push(JSON.parse(String(text)) as (typeof frames)[number]);
    for (const listener of listeners) listener();
  });
  socket.on('error', () => undefined);
  const client: TestSocket = {
    frames,
    next: (event, matches = () => true, timeoutMs = 20_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          listeners.delete(look);
          reject(new Error(`no ${event} within ${timeoutMs} ms; seen: ${frames.map((frame) => frame.event).join(', ')}`));
        }, timeoutMs);
        function look(): void {
          const found = frames.find((frame) => frame.event === event && matches(frame.data));
          if (found === undefined) return;
          clearTimeout(timer);
          listeners.delete(look);
          resolve(found.data);
        }
        listeners.add(look);
        look();
      }),
    close: () => socket.close(),
  };
  await client.next('authenticate');
  return client;
}
