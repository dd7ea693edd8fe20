import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { Owner } from '../contract.ts';

/** A node that has said nothing for this long is gone, and its keys with it. */
const silentMs = 20_000;

/** What nodes tell each other of their sessions: that they live, and which of theirs are to end. No content, no names. */
export interface ScratchNodes {
  beat(nodeId: string): Promise<void>;
  isAlive(nodeId: string): Promise<boolean>;
  forget(nodeIds: readonly string[]): Promise<void>;
  /** Asks the node that has the session to end it. */
  requestEnd(nodeId: string, owner: Owner, sessionId: string): Promise<void>;
  /** What others asked of this node since the last time. */
  takeEnds(nodeId: string): Promise<{ owner: Owner; sessionId: string }[]>;
}

export function scratchNodes(database: Pick<Database, 'system'>): ScratchNodes {
  return {
    async beat(nodeId) {
      await database.system(async (em) => {
        await statement(em, 'insert into kernel.scratch_nodes (id, seen_at) values ($1, now()) on conflict (id) do update set seen_at = now()', [nodeId]);
        // what nobody will ask for again
        await statement(em, `delete from kernel.scratch_nodes where seen_at < now() - interval '1 day'`);
        await statement(em, `delete from kernel.scratch_ends where asked_at < now() - interval '2 hours'`);
      });
    },
    async isAlive(nodeId) {
      const rows = await database.system((em) => statement(em, `select 1 from kernel.scratch_nodes where id = $1 and seen_at > now() - $2 * interval '1 millisecond'`, [nodeId, silentMs]));
      return rows.length === 1;
    },
    async forget(nodeIds) {
      if (nodeIds.length > 0) await database.system((em) => statement(em, 'delete from kernel.scratch_nodes where id = any($1)', [[...nodeIds]]));
    },
    async requestEnd(nodeId, { tenantId, pluginId }, sessionId) {
      await database.system((em) => statement(em, 'insert into kernel.scratch_ends (session_id, node_id, tenant_id, plugin_id) values ($1, $2, $3, $4) on conflict do nothing', [sessionId, nodeId, tenantId, pluginId]));
    },
    async takeEnds(nodeId) {
      const rows = await database.system((em) => statement<{ session_id: string; tenant_id: string; plugin_id: string }>(em, 'delete from kernel.scratch_ends where node_id = $1 returning session_id, tenant_id, plugin_id', [nodeId]));
      return rows.map((row) => ({ owner: { tenantId: row.tenant_id, pluginId: row.plugin_id }, sessionId: row.session_id }));
    },
  };
}
