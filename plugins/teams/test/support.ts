import { Conflict, Forbidden, type JsonObject, NotFound } from '@proofpix/sdk';
import { createHarness, defaultTenantId, defaultUserId, type Harness, type HarnessOptions, type Identity } from '@proofpix/sdk/testing';
import t from 'tap';
import plugin from '../plugin.ts';

/** `test/conformance` runs these scenarios a second time, in the sandbox, and names here what does that. */
const elsewhere = process.env['PROOFPIX_TEST_RUNTIME'];
export const runtime: HarnessOptions = elsewhere === undefined ? {} : { dispatch: await (await import(elsewhere)).sandboxed(t, new URL('../plugin.ts', import.meta.url)) };

export const team = defaultTenantId;
export const owner = defaultUserId;
export const otherTenant: Identity = { tenantId: '018f0000-0000-7000-8000-0000000000ff', userId: '018f0000-0000-7000-8000-0000000000fe' };
export const nobody: Identity = { userId: null };
export const viewer: Identity = { userId: '018f0000-0000-7000-8000-0000000000cc', role: 'viewer' };
export const admin: Identity = { userId: '018f0000-0000-7000-8000-0000000000ad', role: 'admin' };
/** Signed in, and a member of nothing here. */
export const guest: Identity = { tenantId: '018f0000-0000-7000-8000-0000000000ee', userId: '018f0000-0000-7000-8000-0000000000dd', role: 'owner' };
export const absentId = '018f0000-0000-7000-8000-000000000000';

const at = '2026-01-01T00:00:00.000Z';

export interface Kernel {
  name: string;
  deleted: boolean;
  members: Map<string, string>;
  /** Addresses of users, by id. */
  addresses: Map<string, string>;
  /** Events that went to the kernel with a change. */
  emitted: { name: string; payload: JsonObject }[];
  mails: { to: string; subject: string; text: string; html?: string; idempotencyKey?: string }[];
  /** Refuses `join` and `register` with this. */
  refuseJoin: Error | null;
  created: { id: string; name: string }[];
}

type Emit = { emit?: { name: string; payload: JsonObject }[] };

/** A stand-in for what the kernel answers; the kernel's own rules have tests of their own. */
function kernelOf(): { kernel: Kernel; services: NonNullable<HarnessOptions['services']> } {
  const kernel: Kernel = {
    name: 'Crew',
    deleted: false,
    members: new Map([[owner, 'owner'], [admin.userId as string, 'admin'], [viewer.userId as string, 'viewer']]),
    addresses: new Map([[guest.userId as string, 'guest@example.com'], [owner, 'owner@example.com']]),
    emitted: [],
    mails: [],
    refuseJoin: null,
    created: [],
  };
  const teamNow = () => ({ id: team, name: kernel.name, createdAt: at });
  const member = (userId: string) => ({ userId, email: kernel.addresses.get(userId) ?? `${userId}@example.com`, firstName: 'Ann', lastName: 'Member', role: kernel.members.get(userId) ?? '', suspended: false, joinedAt: at, grantedBy: null, grantedAt: at });
  const told = ({ emit = [] }: Emit): void => void kernel.emitted.push(...emit);
  const join = ({ userId, role, ...rest }: { userId: string; role: string } & Emit) => {
    if (kernel.refuseJoin !== null) throw kernel.refuseJoin;
    if (kernel.members.has(userId)) throw Conflict({ details: { reason: 'member-already' } });
    kernel.members.set(userId, role);
    told(rest);
    return member(userId);
  };
  const teams = {
    get: () => {
      if (kernel.deleted) throw NotFound();
      return teamNow();
    },
    list: () => ({ items: [{ id: team, name: kernel.name, role: 'owner', joinedAt: at }], nextCursor: null }),
    create: ({ id, name, ...rest }: { id: string; name: string } & Emit) => {
      kernel.created.push({ id, name });
      told(rest);
      return { id, name, createdAt: at };
    },
    rename: ({ name, ...rest }: { name: string } & Emit) => {
      const changed = name !== kernel.name;
      kernel.name = name;
      if (changed) told(rest);
      return { team: teamNow(), changed };
    },
    delete: (rest: Emit) => {
      kernel.deleted = true;
      told(rest);
      return { deleted: true };
    },
    getMember: ({ userId }: { userId: string }) => (kernel.members.has(userId) ? member(userId) : null),
    listMembers: ({ limit }: { limit: number }) => ({ items: [...kernel.members.keys()].slice(0, limit).map(member), nextCursor: null }),
    setRole: ({ userId, role, expectedRole, ...rest }: { userId: string; role: string; expectedRole: string } & Emit) => {
      if (kernel.members.get(userId) !== expectedRole) throw Conflict();
      kernel.members.set(userId, role);
      told(rest);
      return member(userId);
    },
    removeMember: ({ userId, ...rest }: { userId: string } & Emit) => {
      const removed = kernel.members.delete(userId);
      if (removed) told(rest);
      return { removed };
    },
    checkInvitation: ({ email }: { email: string }) => ({ email: email.toLowerCase() }),
    checkJoin: ({ email }: { email: string }) => {
      if (kernel.addresses.get(guest.userId as string) !== email) throw Forbidden({ details: { reason: 'other-address' } });
      return { isMember: false };
    },
    join: (input: { role: string } & Emit) => join({ userId: guest.userId as string, ...input }),
    register: (input: { userId: string; role: string } & Emit) => join(input),
    usage: () => ({ members: kernel.members.size, apiKeys: 0, customRoles: 0, files: { count: 0, sizeBytes: 0 }, plugins: [] }),
  };
  const mail = {
    linkTo: ({ path }: { path: string }) => ({ url: `https://proof.example${path}` }),
    send: (sent: Kernel['mails'][number]) => {
      kernel.mails.push(sent);
      return { mailId: absentId, isNew: true };
    },
  };
  return { kernel, services: { 'kernel.teams': teams, 'kernel.mail': mail } as NonNullable<HarnessOptions['services']> };
}

export interface Bench {
  h: Harness;
  kernel: Kernel;
}

export function bench(options: HarnessOptions = {}): Bench {
  const { kernel, services } = kernelOf();
  return { h: createHarness(plugin, { services, ...runtime, ...options }), kernel };
}

/** Everything that was told, by the plugin itself or with a change of the kernel. */
export const told = ({ h, kernel }: Bench): string[] => [...kernel.emitted, ...h.events].map(({ name }) => name);
export const audits = ({ h }: Bench): string[] => h.audited.map(({ action }) => action);
/** Token of the last mail. */
export const tokenOf = ({ kernel }: Bench): string => kernel.mails.at(-1)?.text.split('#token=')[1]?.split('\n')[0] ?? '';
