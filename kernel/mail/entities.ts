import { defineEntity, p, systemTable } from '../database/entity.ts';

const text = () => p.string().columnType('text');
const moment = () => p.datetime().columnType('timestamptz');

/** Mail of the deployment: kept until it was handed over, and for a while after, so that an operator sees what became of it. */
export const Mail = defineEntity({
  name: 'Mail',
  tableName: 'mails',
  ...systemTable(),
  properties: {
    id: p.uuid().primary(),
    /** null for mail about an account */
    tenantId: p.uuid().nullable(),
    recipient: text(),
    subject: text(),
    /** text and HTML in an envelope of the vault: they hold single-use tokens; gone once it was handed over */
    bodySealed: p.blob().nullable(),
    /** what it is for, e.g. `verify-email` */
    purpose: text(),
    /** `queued`, `sent`, `failed`, or `held` when no transport is configured */
    state: text(),
    attempts: p.integer().default(0),
    nextAt: moment().nullable(),
    /** nobody has a use for it after that, so it is not sent any more */
    expiresAt: moment(),
    /** a sender that died gives its mail back then */
    claimedUntil: moment().nullable(),
    lastError: text().nullable(),
    createdAt: moment().defaultRaw('now()'),
    sentAt: moment().nullable(),
  },
  indexes: [
    { name: 'mails_by_due', properties: ['state', 'nextAt'] },
    { name: 'mails_by_created', properties: ['createdAt'] },
  ],
});

export const mailEntities = [Mail];

/** Columns of envelopes for a rotation of the vault. */
export const mailEnvelopes = [{ table: 'kernel.mails', column: 'body_sealed' }] as const;
