import { createHash } from 'node:crypto';

/** PostgreSQL cuts identifiers at 63 bytes without an error. */
const maxIdentifierBytes = 63;

/** Names of the cluster-wide roles of one deployment. */
export interface RoleNames {
  readonly app: string;
  readonly system: string;
  plugin(pluginId: string): string;
}

/** Plugin id as part of an identifier; long ids keep a hash so that two never collide. */
export function identifierOf(pluginId: string, lead: string): string {
  const plain = `${lead}${pluginId.replaceAll('-', '_').replaceAll('.', '__')}`;
  if (plain.length <= maxIdentifierBytes) return plain;
  const hash = createHash('sha256').update(pluginId).digest('hex').slice(0, 12);
  return `${plain.slice(0, maxIdentifierBytes - hash.length - 1)}_${hash}`;
}

export function roleNames(prefix: string): RoleNames {
  return {
    app: `${prefix}_app`,
    system: `${prefix}_system`,
    plugin: (pluginId) => identifierOf(pluginId, `${prefix}_p_`),
  };
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteLiteral(text: string): string {
  if (text.includes('\\')) throw new Error('A literal with a backslash is never built here');
  return `'${text.replaceAll("'", "''")}'`;
}
