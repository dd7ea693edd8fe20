import { isError, type JsonObject, reply } from '@proofpix/sdk';
import { SessionOnAnotherNode } from '../errors.ts';
import { route } from '../kit.ts';
import { SessionParams, SessionWithResults } from '../schemas.ts';
import { findSession } from '../services/find-session.ts';
import { readSealed } from '../services/sealed-json.ts';
import { sessionView, statusOf } from '../services/session-view.ts';

export const status = route({
  name: 'status',
  method: 'GET',
  path: '/api/ephemeral/:sessionId/status',
  access: 'tenant',
  permission: 'ephemeral:read',
  summary: 'How far a session is and, to whoever began it, what was found',
  params: SessionParams,
  response: SessionWithResults,
  async handler(ctx, { params: { sessionId } }) {
    const { record, isOwn } = await findSession(ctx, sessionId);
    const { status: now, place } = await statusOf(ctx, record);
    const view = sessionView(record, now);
    if (now !== 'completed' || !isOwn) return { ...view, results: null };
    if (place === 'elsewhere') throw SessionOnAnotherNode({ details: { status: now }, retryAfterSeconds: 1 });
    try {
      // a browser's cache is on a disk too
      return reply({ headers: { 'cache-control': 'no-store' }, json: { ...view, results: await readSealed<JsonObject>(ctx, record.scratchId, 'results') } });
    } catch (error) {
      // ended while it was being read
      if (isError(error, 'NOT_FOUND')) return { ...sessionView(record, 'expired'), results: null };
      throw error;
    }
  },
});
