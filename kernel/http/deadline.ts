/**
 * The value, or the error of `late` when it takes longer. What runs is not stopped by this: it must
 * have a limit of its own. With `idle` the wait alone does not keep the process alive.
 */
export function withDeadline<T>(work: Promise<T>, timeoutMs: number, late: () => Error, options: { idle?: boolean } = {}): Promise<T> {
  // by hand rather than as a race: this stands in the way of every request, twice
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), timeoutMs);
    if (options.idle === true) timer.unref();
    work.then(
      (value) => {
        clearTimeout(timer);
        return resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        return reject(error);
      },
    );
  });
}
