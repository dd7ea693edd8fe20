const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const values = new Map([...digits].map((digit, value) => [digit, BigInt(value)]));
const base = 62n;

/** A number from 0 in exactly `length` digits: no sign or dash, so that a double click selects all of it. */
export function toBase62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= base) text = `${digits[Number(rest % base)]}${text}`;
  return text;
}

/** Null for a digit that is none. */
export function fromBase62(text: string): bigint | null {
  let value = 0n;
  for (const digit of text) {
    const next = values.get(digit);
    if (next === undefined) return null;
    value = value * base + next;
  }
  return value;
}
