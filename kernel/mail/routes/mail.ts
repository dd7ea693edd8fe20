import type { EntityManager } from '@mikro-orm/postgresql';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import type { Auth } from '../../auth/contract.ts';
import type { MailRecord } from '../mail-log.ts';
import type { OpenMail } from '../open-mail.ts';
import { MailListQuery, MailListReply, MailParams, MailReply, MailWithBodyReply } from '../schemas.ts';

/** The outbox for operators. Reading a body and sending again are in the deployment's audit chain. */
export default async function mailRoutes(fastify: FastifyInstance, { mail, auth }: { mail: Pick<OpenMail, 'log'>; auth: Pick<Auth, 'audit'> }): Promise<void> {
  const note = (request: FastifyRequest, action: string) => async (em: EntityManager, record: MailRecord): Promise<void> => {
    const { identity } = request.scope;
    if (identity === null) return;
    await auth.audit({ tenantId: null, actor: { ...identity.principal, impersonatorId: identity.impersonatorId }, action, target: record.id, details: { purpose: record.purpose, recipient: record.recipient }, requestId: request.id }, em);
  };

  fastify.get<{ Querystring: Static<typeof MailListQuery> }>(
    '/api/operations/mail',
    { config: { access: 'operator', operationId: 'mail.list', summary: 'Mail of the deployment and what became of it' }, schema: { querystring: MailListQuery, response: { 200: MailListReply } } },
    async (request) => mail.log.list(request.query),
  );

  fastify.get<{ Params: Static<typeof MailParams> }>(
    '/api/operations/mail/:mailId',
    { config: { access: 'operator', operationId: 'mail.get', summary: 'One mail with its text, while it was not handed over' }, schema: { params: MailParams, response: { 200: MailWithBodyReply } } },
    async (request, reply) => reply.header('cache-control', 'no-store').send(await mail.log.read(request.params.mailId.toLowerCase(), note(request, 'mail.read'))),
  );

  fastify.post<{ Params: Static<typeof MailParams> }>(
    '/api/operations/mail/:mailId/retry',
    { config: { access: 'operator', operationId: 'mail.retry', summary: 'Send a mail that failed or waits' }, schema: { params: MailParams, response: { 200: MailReply } } },
    async (request) => mail.log.retry(request.params.mailId.toLowerCase(), note(request, 'mail.retried')),
  );
}
