import { definePlugin } from '@proofpix/sdk';
import { collections } from './collections.ts';
import { BillingContactUpdated, MemberJoined, MemberLeft, RoleChanged, RoleDeleted, SettingsUpdated, TeamCreated, TeamDeleted } from './contract.ts';
import { services } from './kit.ts';
import { sendInvitation } from './jobs/send-invitation.ts';
import { getBilling, setBilling } from './routes/billing.ts';
import { createTeam } from './routes/create.ts';
import { deleteTeam } from './routes/delete.ts';
import { acceptInvitation, registerInvited, showInvitation } from './routes/invitation-links.ts';
import { invite, listInvitations, resend, revoke } from './routes/invitations.ts';
import { listMembers, removeMember, setMemberRole } from './routes/members.ts';
import { assignRoles, auditPermissions, bulkUpdate, listPermissions } from './routes/permissions.ts';
import { createRole, deleteRole, listRoles, updateRole } from './routes/roles.ts';
import { getSettings, putSettings } from './routes/settings.ts';
import { getTeam, listTeams } from './routes/teams.ts';
import { updateTeam } from './routes/update.ts';
import { getUsage } from './routes/usage.ts';
import { directory } from './services/directory.ts';
import { membersService } from './services/members.ts';
import { teamDeleted } from './subscribers/team-deleted.ts';
import { userErased } from './subscribers/user-erased.ts';

export default definePlugin({
  id: 'teams',
  version: '1.0.0',
  title: 'Teams',
  description: 'Teams, their members, invitations, settings and roles.',
  capabilities: ['kernel:identity', 'kernel:mail', 'jobs', 'events:emit:teams.*', 'events:on:users.erased'],
  services,
  collections,
  permissions: {
    read: { description: 'See the team, its members and its settings', roles: ['viewer', 'member', 'admin', 'owner'] },
    manage: { description: 'Rename the team and change its settings', roles: ['admin', 'owner'] },
    'manage-members': { description: 'Invite and remove members and change their roles', roles: ['admin', 'owner'] },
    'manage-billing': { description: 'See and change the billing contact', roles: ['admin', 'owner'] },
    'manage-roles': { description: 'Make custom roles and say who has them', roles: ['admin', 'owner'] },
    delete: { description: 'Delete the team', roles: ['owner'] },
  },
  events: {
    'teams.created': { schema: TeamCreated, public: true, description: 'A team was made.' },
    'teams.deleted': { schema: TeamDeleted, public: true, description: 'A team was deleted; what belongs to it is to be erased.' },
    'teams.member-joined': { schema: MemberJoined, public: true, realtime: 'team:member-joined', description: 'Somebody became a member.' },
    'teams.member-left': { schema: MemberLeft, public: true, realtime: 'team:member-left', description: 'Somebody is no member any more.' },
    'teams.role-changed': { schema: RoleChanged, public: true, realtime: 'team:role-changed', description: 'A member has another role.' },
    'teams.role-deleted': { schema: RoleDeleted, public: true, realtime: 'team:role-deleted', description: 'A custom role was deleted.' },
    'teams.settings-updated': { schema: SettingsUpdated, public: true, realtime: 'team:settings-updated', description: 'Name or settings of the team changed.' },
    'teams.billing-contact-updated': { schema: BillingContactUpdated, public: true, description: 'The team has another billing contact.' },
  },
  parts: [
    listTeams,
    createTeam,
    getTeam,
    updateTeam,
    deleteTeam,
    listMembers,
    setMemberRole,
    removeMember,
    invite,
    listInvitations,
    resend,
    revoke,
    showInvitation,
    acceptInvitation,
    registerInvited,
    sendInvitation,
    getSettings,
    putSettings,
    getBilling,
    setBilling,
    getUsage,
    listRoles,
    createRole,
    updateRole,
    deleteRole,
    listPermissions,
    assignRoles,
    auditPermissions,
    bulkUpdate,
    directory,
    membersService,
    teamDeleted,
    userErased,
  ],
});
