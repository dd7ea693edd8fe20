import { install } from './bridge.ts';

type Listener = (event: { type: 'abort'; target: AbortSignal }) => void;

/** The part of the DOM's AbortSignal that libraries use. */
class AbortSignal {
  aborted = false;
  reason: unknown = undefined;
  onabort: Listener | null = null;
  #listeners = new Set<Listener>();

  addEventListener(type: string, listener: Listener): void {
    if (type === 'abort') this.#listeners.add(listener);
  }
  removeEventListener(_type: string, listener: Listener): void {
    this.#listeners.delete(listener);
  }
  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  static abort(reason?: unknown): AbortSignal {
    const controller = new AbortController();
    controller.abort(reason);
    return controller.signal;
  }
  static timeout(delayMs: number): AbortSignal {
    const controller = new AbortController();
    setTimeout(() => controller.abort(Object.assign(new Error('The operation timed out.'), { name: 'TimeoutError' })), delayMs);
    return controller.signal;
  }

  static fire(signal: AbortSignal, reason: unknown): void {
    if (signal.aborted) return;
    signal.aborted = true;
    signal.reason = reason ?? Object.assign(new Error('This operation was aborted.'), { name: 'AbortError' });
    const event = { type: 'abort', target: signal } as const;
    signal.onabort?.(event);
    for (const listener of signal.#listeners) listener(event);
  }
}

const fire = AbortSignal.fire;
delete (AbortSignal as { fire?: unknown }).fire;

class AbortController {
  readonly signal = new AbortSignal();
  abort(reason?: unknown): void {
    fire(this.signal, reason);
  }
}

install({ AbortController, AbortSignal });
