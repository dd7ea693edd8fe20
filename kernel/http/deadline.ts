/**
 * The value, or the error of `late` when it takes longer. What runs is not stopped by this: it must
 * have a limit of its own. With `idle` the wait alone does not keep the process alive.
 */
export async function withDeadline<T>(work: Promise<T>, timeoutMs: number, late: () => Error, options: { idle?: boolean } = {}): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), timeoutMs);
    if (options.idle === true) timer.unref();
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
