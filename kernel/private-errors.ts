/** Errors that may quote what must leave no trace. */
const marked = new WeakSet<object>();

/** From here on nobody logs more of the error than its code. */
export function keepPrivate<T>(error: T): T {
  if (typeof error === 'object' && error !== null) marked.add(error);
  return error;
}

export const isPrivate = (error: unknown): boolean => typeof error === 'object' && error !== null && marked.has(error);
