/** What a seat makes of a request: an answer, or the parser's own failure, after which the seat still works. */
export type Outcome<A> = { ok: true; value: A } | { ok: false; message: string };

/**
 * One thread or process that does the work of a lane, one request at a time. It lives until it is ended; a lane ends it
 * when it is idle, and when a request is not answered in time.
 */
export interface Seat<Q, A> {
  /** Rejects when the seat itself broke: it is of no more use. */
  ask(request: Q): Promise<Outcome<A>>;
  /** False when it broke, perhaps while nobody asked. */
  usable(): boolean;
  /** At once, whatever it is doing; `ask` need not settle any more. */
  end(): Promise<void>;
  /** While it has work it keeps the process alive, and while idle it does not. */
  busy(isBusy: boolean): void;
}
