import type { Json, JsonObject } from './json.ts';

/** Comparison of one field. Several operators in one object are joined by AND. */
export interface FieldOperators<V = Json> {
  $eq?: V | null;
  $ne?: V | null;
  $in?: readonly V[];
  $nin?: readonly V[];
  $gt?: V;
  $gte?: V;
  $lt?: V;
  $lte?: V;
  /** SQL LIKE pattern with `%` and `_`; case-sensitive. Strings only. */
  $like?: string;
  /**
   * Full text, for a string field that the collection declares under `search`: all words, `"a phrase"`, `or`, and `-` for
   * words that must not occur; letter case does not matter. At most 1,000 characters; a text without words matches
   * nothing. VALIDATION_ERROR on other fields.
   */
  $search?: string;
  /** JSON containment (`@>`), for array and object fields. */
  $contains?: Json;
  /** True: the field is not null. */
  $exists?: boolean;
}

/** A JSON filter: `{status: 'open', age: {$gt: 3}, $or: [{…}, {…}]}`. Depth is at most 8. */
export type Filter<R = JsonObject> = {
  readonly [K in keyof R]?: R[K] | null | FieldOperators<NonNullable<R[K]>>;
} & {
  readonly $and?: readonly Filter<R>[];
  readonly $or?: readonly Filter<R>[];
  readonly $not?: Filter<R>;
};

/** Fields and directions, most significant first. */
export type OrderBy<R = JsonObject> = readonly (readonly [field: Extract<keyof R, string>, direction: 'asc' | 'desc'])[];

/** A page of records. */
export interface FindQuery<R = JsonObject> {
  where?: Filter<R>;
  /** Ties are broken by `id`; default `[['id', 'asc']]`, which is creation order. */
  orderBy?: OrderBy<R>;
  /** 1 to 1,000; default 50. */
  limit?: number;
  /** From a previous page with the same `where` and `orderBy`. */
  cursor?: string | null;
}

/** A page of a list; `nextCursor` is null on the last one. */
export interface Page<R> {
  items: R[];
  nextCursor: string | null;
}

/** Groups records and reduces each group. Without `groupBy` there is one group of all. */
export interface AggregateQuery<R = JsonObject> {
  where?: Filter<R>;
  groupBy?: readonly Extract<keyof R, string>[];
  /** Adds `count` to each row. */
  count?: boolean;
  /** Each adds `<function>_<field>`, e.g. `sum_amountMinor`. */
  sum?: readonly Extract<keyof R, string>[];
  avg?: readonly Extract<keyof R, string>[];
  min?: readonly Extract<keyof R, string>[];
  max?: readonly Extract<keyof R, string>[];
  /** 1 to 1,000 groups; default 100. Largest count first when `count` is set. */
  limit?: number;
}

/** A patch: plain values replace, `{$inc: n}` adds to a number in one atomic statement. */
export type Patch<R = JsonObject> = { readonly [K in keyof R]?: R[K] | null | (NonNullable<R[K]> extends number ? { $inc: number } : never) };
