export { grantLimits, type Giver, type MayGive } from './grant-limits.ts';
export { invitedAccounts, type RegisterInvited } from './invited-accounts.ts';
export { teamMembers, type Actor, type TeamMembers } from './team-members.ts';
export { teams, type Beside, type Teams } from './teams.ts';
export { teamUsage, type TeamUsage } from './usage.ts';
