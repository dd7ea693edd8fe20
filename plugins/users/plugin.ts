import { definePlugin } from '@proofpix/sdk';
import { collections } from './collections.ts';
import { AvatarUpdated, ExportPage, exportPoint, Impersonation, Leaving, ProfileUpdated, StatusChanged, UserErased } from './contract.ts';
import { buildExport, expireExports } from './jobs/build-export.ts';
import { eraseAccounts } from './jobs/erase-accounts.ts';
import { runBulkOperation } from './jobs/run-bulk-operation.ts';
import { services } from './kit.ts';
import { deleteAccount, restoreAccount } from './routes/account.ts';
import { activity } from './routes/activity.ts';
import { getAvatar, removeAvatar, uploadAvatar } from './routes/avatar.ts';
import { bulkResults, getBulk, startBulk } from './routes/bulk.ts';
import { downloadExport, getExport, listExports, startExport } from './routes/export.ts';
import { endImpersonation, impersonate } from './routes/impersonation.ts';
import { list } from './routes/list.ts';
import { getPreferences, updatePreferences } from './routes/preferences.ts';
import { getProfile, updateProfile } from './routes/profile.ts';
import { updateStatus } from './routes/status.ts';
import { erased } from './subscribers/erased.ts';
import { teamDeleted } from './subscribers/team-deleted.ts';

export default definePlugin({
  id: 'users',
  version: '1.0.0',
  title: 'Users',
  description: 'Profiles, preferences, pictures and accounts of people, and their administration.',
  dependencies: { images: { range: '^1.0.0', optional: true }, teams: { range: '^1.0.0' } },
  capabilities: ['kernel:identity', 'files:read', 'files:write', 'jobs', 'events:emit:users.*', 'events:on:teams.deleted'],
  services,
  collections,
  permissions: {
    list: { description: 'See the members of the team as a list, with addresses and status', roles: ['admin', 'owner'] },
    suspend: { description: 'Suspend and activate members of the team', roles: ['admin', 'owner'] },
    activity: { description: 'See what members did in the team', roles: ['admin', 'owner'] },
    bulk: { description: 'Change many members at once', roles: ['admin', 'owner'] },
  },
  events: {
    'users.profile-updated': { schema: ProfileUpdated, public: true, description: 'Somebody changed their profile.' },
    'users.avatar-updated': { schema: AvatarUpdated, public: true, description: 'Somebody has another picture, or none.' },
    'users.status-changed': { schema: StatusChanged, public: true, description: 'Somebody was suspended or activated.' },
    'users.erasure-requested': { schema: Leaving, public: true, description: 'Somebody wants their account erased.' },
    'users.erasure-withdrawn': { schema: Leaving, public: true, description: 'Somebody keeps their account after all.' },
    'users.impersonation-started': { schema: Impersonation, public: true, description: 'An operator acts for somebody.' },
    'users.impersonation-ended': { schema: Impersonation, public: true, description: 'An operator has stopped acting for somebody.' },
    'users.erased': { schema: UserErased, public: true, description: 'A person is gone; what is theirs is to be erased.' },
  },
  hookPoints: { [exportPoint]: { schema: ExportPage, description: 'Gathers what plugins hold of a person.' } },
  // an export reads every file of a person in one call; a bulk operation does a thousand rows in one
  limits: { hostCalls: 100_000, bytes: 67_108_864, storedBytes: 107_374_182_400, rows: 10_000_000, cpuMs: 60_000, eventsPerMinute: 60_000 },
  parts: [
    getProfile,
    updateProfile,
    uploadAvatar,
    removeAvatar,
    getAvatar,
    getPreferences,
    updatePreferences,
    deleteAccount,
    restoreAccount,
    startExport,
    listExports,
    getExport,
    downloadExport,
    list,
    updateStatus,
    impersonate,
    endImpersonation,
    activity,
    startBulk,
    getBulk,
    bulkResults,
    eraseAccounts,
    buildExport,
    expireExports,
    runBulkOperation,
    erased,
    teamDeleted,
  ],
});
