import { type Passwords, openPasswords, requirePasswordText } from './passwords.ts';

/** Fewer at once than sign-ins have, in a lane of their own: a plugin cannot keep people from signing in. */
const work = { atOnce: 2, waiting: 50, refusal: 'Too many passwords at once.' };
const bcryptHash = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** Passwords that plugins keep, such as those of share links. */
export interface PluginPasswords {
  /** @throws VALIDATION_ERROR for what is no password, UNAVAILABLE when too many wait */
  hash(password: string): Promise<string>;
  /** Takes as long for null, or for what is no hash, as for a wrong password. @throws UNAVAILABLE when too many wait */
  verify(password: string, hash: string | null): Promise<boolean>;
}

/** @param cost bcrypt's; a hash that asks for more is not computed, for it would hold its lane for hours */
export function openPluginPasswords({ cost }: { cost: number }): PluginPasswords {
  // opening costs a hash, which most nodes never need
  let opened: Promise<Passwords> | undefined;
  const passwords = (): Promise<Passwords> => (opened ??= openPasswords({ cost, work }));
  const usable = (hash: string | null): boolean => hash !== null && Number(bcryptHash.exec(hash)?.[1] ?? Infinity) <= Math.max(cost, 12);
  return {
    async hash(password) {
      requirePasswordText(password, null);
      return (await passwords()).hash(password);
    },
    async verify(password, hash) {
      return (await (await passwords()).verify(password, usable(hash) ? hash : null)).ok;
    },
  };
}
