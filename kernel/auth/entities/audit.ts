import { defineEntity, p, systemTable, tenantId, tenantTable } from '../../database/entity.ts';
import { createdAt, moment, text } from './columns.ts';

/** The end of each audit chain; its row lock puts entries in order. The deployment's chain has the zero uuid. */
export const AuditChain = defineEntity({
  name: 'AuditChain',
  tableName: 'audit_chains',
  ...tenantTable(),
  properties: { tenantId: tenantId(), sequence: p.bigint(), hash: text() },
});

export const AuditRecord = defineEntity({
  name: 'AuditRecord',
  tableName: 'audit_entries',
  ...tenantTable(),
  properties: {
    tenantId: tenantId(),
    sequence: p.bigint().primary(),
    /** canonical JSON of the entry, as it was hashed */
    entry: text(),
    /** lower-case hex SHA-256 of the previous hash and the entry */
    hash: text(),
    /** out of the entry, for queries */
    action: text(),
    userId: p.uuid().nullable(),
    target: text().nullable(),
    at: moment(),
  },
  indexes: [
    { name: 'audit_entries_by_target', properties: ['tenantId', 'target', 'sequence'] },
    { name: 'audit_entries_by_time', properties: ['tenantId', 'at'] },
    { name: 'audit_entries_by_user', properties: ['tenantId', 'userId', 'sequence'] },
    { name: 'audit_entries_of_person', properties: ['userId', 'at'] },
  ],
});

/** What nodes must forget, and what has ended: read by all of them when the topic `auth` is raised. */
export const AuthChange = defineEntity({
  name: 'AuthChange',
  tableName: 'auth_changes',
  ...systemTable(),
  properties: {
    id: p.bigint().primary().autoincrement(),
    at: createdAt().index(),
    /** credentials ended; otherwise only rights changed */
    revoked: p.boolean(),
    credentialId: p.uuid().nullable(),
    userId: p.uuid().nullable(),
    tenantId: p.uuid().nullable(),
    roleId: p.uuid().nullable(),
  },
});
