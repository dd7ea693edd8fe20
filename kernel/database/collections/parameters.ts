/** Bound values of one statement, numbered as they are added. */
export interface Parameters {
  readonly values: unknown[];
  /** Adds a value; answers its placeholder with a cast, e.g. `$3::text`. */
  add(value: unknown, cast: string): string;
}

export function parameters(): Parameters {
  const values: unknown[] = [];
  return {
    values,
    add(value, cast) {
      values.push(value);
      return `$${values.length}::${cast}`;
    },
  };
}
