/** What stands between two pieces of text; the stronger one wins. */
const strength = { '': 0, ' ': 1, '\t': 2, '\n': 3 } as const;
export type Gap = keyof typeof strength;

/** Text as a document's mark-up is walked through: what separates two pieces is written when the second one comes. */
export interface TextFlow {
  text(text: string): void;
  gap(gap: Gap): void;
  readonly length: number;
  toString(): string;
}

export function createTextFlow(): TextFlow {
  const parts: string[] = [];
  let pending: Gap = '';
  let length = 0;
  return {
    text(text) {
      if (text === '') return;
      if (length > 0 && pending !== '') {
        parts.push(pending);
        length += 1;
      }
      pending = '';
      parts.push(text);
      length += text.length;
    },
    gap(gap) {
      if (strength[gap] > strength[pending]) pending = gap;
    },
    get length() {
      return length;
    },
    toString: () => parts.join(''),
  };
}
