import { kernelUsers, type JsonObject } from '@proofpix/sdk';
import type { OpenAuth } from '../../auth/index.ts';
import type { Actor, ActivityQuery, PeopleQuery, PersonStatus, ProfileChange } from '../../auth/people/index.ts';
import type { PluginCall } from '../call.ts';
import type { KernelService } from '../services.ts';
import type { EmittedWith, EmitWith } from './emit-with.ts';

export interface UsersServiceDeps {
  auth: Pick<OpenAuth, 'people'>;
  emitWith: EmitWith;
}

interface Emitting {
  emit?: EmittedWith[];
}

const defaultLimit = 50;

const actorOf = (call: PluginCall): Actor => ({ principal: call.principal, impersonatorId: call.identity?.impersonatorId ?? call.provenance.impersonatorId ?? null, tenantId: call.tenantId, requestId: call.requestId });

/** `kernel.users`: accounts of people. */
export function usersService({ auth: { people }, emitWith }: UsersServiceDeps): KernelService {
  const own = {
    getProfile: (call: PluginCall) => people.profiles.get(actorOf(call)),
    updateProfile: (call: PluginCall, { emit, ...change }: ProfileChange & Emitting) => people.profiles.update(actorOf(call), change, emitWith(call, emit)),
    getPreferences: async (call: PluginCall) => ({ preferences: await people.profiles.preferences(actorOf(call)) }),
    updatePreferences: async (call: PluginCall, { patch }: { patch: JsonObject }) => ({ preferences: await people.profiles.patchPreferences(actorOf(call), patch) }),
    async putAvatar(call: PluginCall, { images, emit }: { images: { size: number; base64: string }[] } & Emitting) {
      await people.avatars.put(actorOf(call), images.map(({ size, base64 }) => ({ size, content: Buffer.from(base64, 'base64') })), emitWith(call, emit));
      return people.profiles.get(actorOf(call));
    },
    removeAvatar: async (call: PluginCall, { emit }: Emitting) => ({ removed: await people.avatars.remove(actorOf(call), emitWith(call, emit)) }),
    requestErasure: (call: PluginCall, { password = null, emit }: { password?: string | null } & Emitting) => people.leaving.request(actorOf(call), { password, address: call.address }, emitWith(call, emit)),
    restore: (call: PluginCall, { emit }: Emitting) => people.leaving.restore(actorOf(call), emitWith(call, emit)),
    personalData: async (call: PluginCall) => ({ data: await people.personalData.of(actorOf(call)) }),
  };

  const others = {
    async getAvatar(call: PluginCall, { userId, size }: { userId: string; size: number }) {
      const found = await people.avatars.get(actorOf(call), userId, size);
      return found === null ? null : { size: found.size, sha256: found.sha256, base64: found.content.toString('base64') };
    },
    list: (call: PluginCall, query: Partial<PeopleQuery> & Pick<PeopleQuery, 'scope'>) => people.directory.list(actorOf(call), { sort: 'name', order: 'asc', limit: defaultLimit, ...query }),
    async setStatus(call: PluginCall, { of, userId, status, reason = null, emit }: { of: 'account' | 'membership'; userId: string; status: PersonStatus; reason?: string | null } & Emitting) {
      const set = of === 'account' ? people.suspension.setAccount : people.suspension.setMembership;
      return { changed: await set(actorOf(call), { userId, status, reason }, emitWith(call, emit)) };
    },
    async impersonate(call: PluginCall, { userId, reason, teamId = null, emit }: { userId: string; reason: string; teamId?: string | null } & Emitting) {
      const { tenantId, sessionId, accessToken, expiresIn } = await people.impersonation.begin(actorOf(call), { userId, reason, tenantId: teamId, address: call.address }, emitWith(call, emit));
      return { sessionId, accessToken, expiresIn, teamId: tenantId };
    },
    endImpersonation: async (call: PluginCall, { userId, emit }: { userId: string } & Emitting) => ({ ended: await people.impersonation.end(actorOf(call), userId, emitWith(call, emit)) }),
    activity: (call: PluginCall, query: Omit<ActivityQuery, 'limit'> & { limit?: number }) => people.activity.of(actorOf(call), { limit: defaultLimit, ...query }),
    async eraseDue(call: PluginCall, { userId = null, limit, event }: { userId?: string | null; limit: number; event: string }) {
      const erased = await people.erasure.run(actorOf(call), { userId, limit }, (em, tenantId, who) => emitWith(call, [{ name: event, payload: { ...who } }], tenantId)(em));
      return { erased };
    },
  };
  return { ref: kernelUsers, capability: 'kernel:identity', methods: { ...own, ...others } as unknown as KernelService['methods'] };
}
