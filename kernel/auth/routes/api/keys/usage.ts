import type { FastifyInstance } from 'fastify';
import { ValidationError } from '@proofpix/sdk';
import { holderOf } from '../../../keys/index.ts';
import { KeyParams, UsageQuery, UsageReply } from '../../../keys/schemas.ts';
import type { OpenAuth } from '../../../open-auth.ts';

const dayMs = 86_400_000;
const defaultDays = 30;
const maxDays = 366;
const earliest = '2000-01-01';

const invalid = (field: string, issue: string): Error => ValidationError({ message: `query.${field} ${issue}.`, details: { field: `query.${field}`, issue } });

/** Both days included; without them the last 30. */
function rangeOf(query: { from?: string; to?: string }): { from: string; to: string } {
  const to = query.to ?? new Date().toISOString().slice(0, 10);
  const from = query.from ?? new Date(Date.parse(to) - (defaultDays - 1) * dayMs).toISOString().slice(0, 10);
  const days = (Date.parse(to) - Date.parse(from)) / dayMs + 1;
  if (from < earliest) throw invalid('from', `must not be before ${earliest}`);
  if (days < 1) throw invalid('from', 'must not be after to');
  if (days > maxDays) throw invalid('from', `must be within ${maxDays} days of to`);
  return { from, to };
}

export default async function usage(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'apiKeys'> }): Promise<void> {
  fastify.get<{ Params: { keyId: string }; Querystring: { from?: string; to?: string } }>(
    '/:keyId/usage',
    { config: { access: 'tenant', operationId: 'keys.usage', summary: 'Requests of an API key by day and by endpoint' }, schema: { params: KeyParams, querystring: UsageQuery, response: { 200: UsageReply } } },
    async (request) => {
      const { keyId } = request.params;
      const range = rangeOf(request.query);
      return { keyId, ...range, ...(await auth.apiKeys.usage(holderOf(request.scope.identity), keyId, range.from, range.to)) };
    },
  );
}
