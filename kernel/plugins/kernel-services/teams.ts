import { Conflict, kernelTeams, Unauthorized, type JsonObject } from '@proofpix/sdk';
import type { OpenAuth } from '../../auth/index.ts';
import { requireEmail } from '../../auth/email.ts';
import type { PluginCall } from '../call.ts';
import { tenantOf } from '../host/host-call.ts';
import type { KernelService } from '../services.ts';
import type { EmittedWith, EmitWith } from './emit-with.ts';

export interface TeamsServiceDeps {
  auth: Pick<OpenAuth, 'audit' | 'registerInvited' | 'teamMembers' | 'teams' | 'teamUsage'>;
  emitWith: EmitWith;
}

interface Emitting {
  emit?: EmittedWith[];
}

interface Paging {
  limit?: number;
  cursor?: string | null;
}

interface Joining extends Emitting {
  email: string;
  role: string;
  grantedBy: string;
}

const defaultLimit = 50;

function userOf(call: PluginCall): string {
  if (call.principal.userId === null) throw Unauthorized();
  return call.principal.userId;
}

const actorOf = (call: PluginCall) => ({ userId: userOf(call), scope: call.identity?.scope ?? null });

/** `kernel.teams`: teams, and who belongs to them. */
export function teamsService({ auth, emitWith }: TeamsServiceDeps): KernelService {
  const { teams, teamMembers } = auth;

  /** What is written beside a change: the plugin's events and the audit entry. */
  function beside<T = void>(call: PluginCall, tenantId: string, { emit }: Emitting, action: string, target: string, details: (what: T) => JsonObject = () => ({})) {
    const writeEvents = emitWith(call, emit, tenantId);
    return async (em: Parameters<typeof writeEvents>[0], what: T): Promise<void> => {
      await writeEvents(em);
      const actor = { ...call.principal, impersonatorId: call.identity?.impersonatorId ?? null };
      await auth.audit({ tenantId, actor, action: `teams.${action}`, target, details: details(what), requestId: call.requestId }, em);
    };
  }

  const methods = {
    get: (call: PluginCall) => teams.get(tenantOf(call)),
    list: (call: PluginCall, { limit = defaultLimit, cursor = null }: Paging) => teams.listOf(userOf(call), { limit, cursor }),
    create: (call: PluginCall, { id, name, emit }: { id: string; name: string } & Emitting) =>
      teams.create({ id, name, ownerId: userOf(call) }, beside(call, id, emit === undefined ? {} : { emit }, 'created', id, () => ({ name }))),
    rename(call: PluginCall, { name, ...rest }: { name: string } & Emitting) {
      const tenantId = tenantOf(call);
      return teams.rename(tenantId, name, beside(call, tenantId, rest, 'renamed', tenantId, (names: { before: string; after: string }) => names));
    },
    async delete(call: PluginCall, rest: Emitting) {
      const tenantId = tenantOf(call);
      return { deleted: await teams.delete(tenantId, beside(call, tenantId, rest, 'deleted', tenantId)) };
    },
    getMember: (call: PluginCall, { userId }: { userId: string }) => teamMembers.get(tenantOf(call), userId),
    listMembers: (call: PluginCall, { search = null, role = null, limit = defaultLimit, cursor = null }: { search?: string | null; role?: string | null } & Paging) => teamMembers.find(tenantOf(call), { search, role, limit, cursor }),
    setRole(call: PluginCall, { userId, role, expectedRole = null, ...rest }: { userId: string; role: string; expectedRole?: string | null } & Emitting) {
      const tenantId = tenantOf(call);
      const details = ({ before }: { before: string }) => ({ before, after: role });
      return teamMembers.setRole(tenantId, { userId, role, expectedRole, actor: actorOf(call) }, beside(call, tenantId, rest, 'role-changed', userId, details));
    },
    async removeMember(call: PluginCall, { userId, ...rest }: { userId: string } & Emitting) {
      const tenantId = tenantOf(call);
      const actor = actorOf(call);
      const action = actor.userId === userId ? 'member-left' : 'member-removed';
      return { removed: await teamMembers.remove(tenantId, { userId, actor }, beside(call, tenantId, rest, action, userId, ({ role }: { role: string }) => ({ role }))) };
    },
    async checkInvitation(call: PluginCall, { email: given, role }: { email: string; role: string }) {
      const tenantId = tenantOf(call);
      const email = requireEmail(given);
      await teamMembers.requireMayGive(tenantId, actorOf(call), role);
      if (await teamMembers.isMember(tenantId, email)) throw Conflict({ message: 'Somebody with this address is a member already.', details: { reason: 'member-already' } });
      return { email };
    },
    async checkJoin(call: PluginCall, { email }: { email: string }) {
      const tenantId = tenantOf(call);
      const userId = userOf(call);
      await teamMembers.requireAddress(userId, email);
      return { isMember: (await teamMembers.get(tenantId, userId)) !== null };
    },
    join(call: PluginCall, { email, role, grantedBy, ...rest }: Joining) {
      const tenantId = tenantOf(call);
      const userId = userOf(call);
      return teamMembers.join(tenantId, { userId, email, role, grantedBy }, beside(call, tenantId, rest, 'member-joined', userId, () => ({ role, invitedBy: grantedBy })));
    },
    register(call: PluginCall, { emit, ...account }: Joining & { userId: string; password: string; firstName: string; lastName: string }) {
      const tenantId = tenantOf(call);
      const details = () => ({ role: account.role, invitedBy: account.grantedBy, registered: true });
      return auth.registerInvited(tenantId, { ...account, email: requireEmail(account.email) }, beside(call, tenantId, emit === undefined ? {} : { emit }, 'member-joined', account.userId, details));
    },
    usage: (call: PluginCall) => auth.teamUsage(tenantOf(call)),
  };
  return { ref: kernelTeams, capability: 'kernel:identity', methods: methods as unknown as KernelService['methods'] };
}
