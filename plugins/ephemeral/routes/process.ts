import { reply, ValidationError } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { Fields, maxFileBytes, Session } from '../schemas.ts';
import { beginSession } from '../services/begin-session.ts';
import { sessionView } from '../services/session-view.ts';

export const process = route({
  name: 'process',
  method: 'POST',
  path: '/api/ephemeral/process',
  access: 'tenant',
  permission: 'ephemeral:process',
  summary: 'Process a file that leaves no trace: it and what is found exist encrypted, for minutes',
  body: { multipart: { fields: Fields, maxFiles: 1, maxBytes: maxFileBytes, ephemeral: true } },
  secretReply: true,
  status: 201,
  response: Session,
  timeoutMs: 300_000,
  async handler(ctx, { body, files: [file, ...others] }) {
    if (file === undefined || others.length > 0 || file.field !== 'file') throw ValidationError({ message: 'Send exactly one file, in the field "file".', details: { field: 'file', issue: 'exactly one file is required' } });
    const record = await beginSession(ctx, file, body.options ?? {}, null);
    return reply({ status: 201, headers: { location: `/api/ephemeral/${record.id}/status` }, json: sessionView(record) });
  },
});
