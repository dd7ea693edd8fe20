import { Type } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { UserParams } from '../schemas.ts';
import { setStatus, StatusScope } from '../services/set-status.ts';

const Status = Type.Enum(['active', 'suspended']);

export const updateStatus = route({
  name: 'updateStatus',
  method: 'PUT',
  path: '/api/users/:userId/status',
  access: 'user',
  summary: 'Suspend or activate: an operator the account everywhere, an admin of the team the membership in it',
  params: UserParams,
  body: { json: Type.Object({ status: Status, scope: Type.Optional(StatusScope), reason: Type.Optional(Type.String({ maxLength: 500 })) }, { additionalProperties: false }) },
  response: Type.Object({ id: Type.String(), status: Status, scope: StatusScope, changed: Type.Boolean() }),
  handler: async (ctx, { params: { userId }, body: { status, scope, reason = null } }) => ({ id: userId, status, ...(await setStatus(ctx, { userId, status, reason, ...(scope === undefined ? {} : { scope }) })) }),
});
