import { createHarness, defaultTenantId, defaultUserId, type Harness, type HarnessOptions, type Identity } from '@proofpix/sdk/testing';
import { Conflict, NotFound } from '@proofpix/sdk';
import t from 'tap';
import plugin from '../plugin.ts';

/** `test/conformance` runs these scenarios a second time, in the sandbox, and names here what does that. */
const elsewhere = process.env['PROOFPIX_TEST_RUNTIME'];
const runtime: HarnessOptions = elsewhere === undefined ? {} : { dispatch: await (await import(elsewhere)).sandboxed(t, new URL('../plugin.ts', import.meta.url)) };

export const me = defaultUserId;
export const mate = '018f0000-0000-7000-8000-0000000000cc';
export const stranger = '018f0000-0000-7000-8000-0000000000dd';
export const operator: Identity = { userId: '018f0000-0000-7000-8000-0000000000ee', operator: true, role: null };
export const otherTenant: Identity = { tenantId: '018f0000-0000-7000-8000-0000000000ff', userId: '018f0000-0000-7000-8000-0000000000fe' };
export const nobody: Identity = { userId: null };
export const absentId = '018f0000-0000-7000-8000-000000000000';
export const manager: Identity = { role: 'owner', permissions: ['teams:manage-members'] };

const at = '2026-01-01T00:00:00.000Z';
const profile = { id: me, email: 'ada@example.com', emailVerified: true, firstName: 'Ada', lastName: 'Tester', jobTitle: null, phone: null, bio: null, status: 'active', operator: false, avatar: null, createdAt: at, lastLoginAt: at, eraseAt: null };
const member = { userId: mate, email: 'bob@example.com', firstName: 'Bob', lastName: 'Mate', role: 'member', joinedAt: at, grantedBy: null, grantedAt: at, suspended: false };

/** What was asked of the kernel and of other plugins: `<method> <input>`. */
export interface Asked {
  method: string;
  input: Record<string, unknown>;
}

export interface UsersHarness extends Harness {
  readonly asked: Asked[];
}

/** The plugin among services that remember what they were asked. `answers` replaces what one of them says. */
export function harness(options: HarnessOptions & { answers?: Record<string, (input: never) => unknown> } = {}): UsersHarness {
  const asked: Asked[] = [];
  const suspended = new Set<string>();
  const roles = new Map([[mate, 'member'], [me, 'owner']]);
  const { answers = {}, ...rest } = options;
  const known = (userId: string): void => {
    if (!roles.has(userId)) throw NotFound({ message: 'There is no such user.' });
  };
  const defaults: Record<string, (input: never) => unknown> = {
    getProfile: () => profile,
    updateProfile: ({ emit: _emit, ...change }: { emit?: unknown }) => ({ ...profile, ...change }),
    getPreferences: () => ({ preferences: { theme: 'dark', itemsPerPage: 'many', left: 'behind' } }),
    updatePreferences: ({ patch }: { patch: object }) => ({ preferences: patch }),
    putAvatar: () => ({ ...profile, avatar: 'a'.repeat(64) }),
    removeAvatar: () => ({ removed: true }),
    getAvatar: ({ userId, size }: { userId: string; size: number }) => (userId === stranger ? null : { size, sha256: 'b'.repeat(64), base64: 'UklGRv8=' }),
    list: () => ({ items: [], nextCursor: null }),
    setStatus({ userId, status }: { userId: string; status: string }) {
      if (userId === me) throw Conflict({ message: 'Nobody suspends or activates themselves.' });
      known(userId);
      const changed = suspended.has(userId) !== (status === 'suspended');
      if (status === 'suspended') suspended.add(userId);
      else suspended.delete(userId);
      return { changed };
    },
    impersonate: () => ({ sessionId: absentId, accessToken: 'token', expiresIn: 900, teamId: null }),
    endImpersonation: () => ({ ended: 1 }),
    activity: () => ({ items: [{ id: 'x:1', at, action: 'auth.logged-in', target: me, details: {}, teamId: defaultTenantId, credentialId: null, impersonatorId: null, requestId: null }], nextCursor: null }),
    requestErasure: () => ({ eraseAt: '2026-01-31T00:00:00.000Z' }),
    restore: () => profile,
    eraseDue: () => ({ erased: [mate] }),
    personalData: () => ({ data: { profile: { email: profile.email } } }),
    getMember: ({ userId }: { userId: string }) => (userId === mate ? member : null),
    setRole({ userId, role }: { userId: string; role: string }) {
      known(userId);
      const changed = roles.get(userId) !== role;
      roles.set(userId, role);
      return { changed };
    },
    remove({ userId }: { userId: string }) {
      known(userId);
      roles.delete(userId);
      return { removed: true };
    },
    make: ({ sizes }: { sizes: number[] }) => ({ images: sizes.map((size) => ({ size, base64: 'UklGRg==' })) }),
    ...answers,
  };
  const stubs = Object.fromEntries(
    Object.entries(defaults).map(([method, answer]) => [
      method,
      (input: never) => {
        asked.push({ method, input });
        return answer(input);
      },
    ]),
  );
  const made = createHarness(plugin, { ...runtime, ...rest, services: { 'kernel.users': stubs, 'kernel.teams': stubs, 'teams.members': stubs, 'images.squares': stubs } });
  return Object.assign(made, { asked });
}

/** The last call of a method. */
export const last = ({ asked }: UsersHarness, method: string): Record<string, unknown> | undefined => asked.findLast((one) => one.method === method)?.input;
