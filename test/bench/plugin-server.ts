import jwt from '@fastify/jwt';
import Fastify from 'fastify';
import { Pool } from 'pg';
import { Type } from 'typebox';
import { plugins } from '../../config/plugins.ts';
import { withBootConnection } from '../../kernel/database/boot-connection.ts';
import { quoteIdentifier, roleNames } from '../../kernel/database/role-names.ts';
import { servingPassword } from '../../kernel/database/roles.ts';
import { testMasterKey } from '../support/database.ts';
import { testServer } from '../support/server.ts';

/**
 * One server of the benchmark of plugins, in a process of its own: `in-process` or `sandboxed` for the
 * kernel with the plugin in that runtime, `bare <database url> <row id> <tenant id>` for the same by hand.
 */
export interface PluginServer {
  url: string;
  token: string;
  databaseUrl: string;
  rowId: string;
  tenantId: string;
}

const [, , kind = '', givenUrl = '', givenRow = '', tenantId = ''] = process.argv;
const undo: (() => unknown)[] = [];

async function kernel(runtime: 'in-process' | 'sandboxed'): Promise<PluginServer> {
  const item = { package: new URL('plugins/item.ts', import.meta.url).href, runtime, prefixes: ['/api/bench'], grants: [], everyTenant: true };
  const { url, databaseUrl, register } = await testServer({ teardown: (fn) => undo.unshift(fn) }, { entries: [...plugins, item], env: { ACCESS_LOG: 'false' } });
  const user = await register();
  const { body } = await user.send('POST', '/api/bench/row');
  const claims = JSON.parse(Buffer.from(user.accessToken.split('.')[1] ?? '', 'base64url').toString()) as { tid: string };
  return { url, databaseUrl, token: user.accessToken, rowId: body.id, tenantId: claims.tid };
}

async function bare(): Promise<PluginServer> {
  const prefix = await withBootConnection(givenUrl, async (query) => String((await query('select prefix from kernel.deployment'))[0]?.['prefix']));
  const names = roleNames(prefix);
  const serving = new URL(givenUrl);
  serving.username = names.app;
  serving.password = servingPassword(testMasterKey, prefix);
  const pool = new Pool({ connectionString: serving.href, max: 20 });
  // dropping the database ends connections that are still closing
  pool.on('error', () => undefined);
  undo.unshift(() => pool.end());
  const opening = `begin; set local role ${quoteIdentifier(names.plugin('bench-item'))}; set local app.tenant = '${tenantId}'; set local statement_timeout = 5000`;
  const fastify = Fastify();
  await fastify.register(jwt, { secret: 'a secret of the benchmark, which is long enough' });
  fastify.addHook('onRequest', async (request) => void (await request.jwtVerify()));
  fastify.get('/api/bench/row/:id', { schema: { params: Type.Object({ id: Type.String({ maxLength: 36 }) }) } }, async (request, reply) => {
    const client = await pool.connect();
    try {
      await client.query(opening);
      const { rows } = await client.query({ name: 'row', text: 'select "id", "name", "size_bytes", "created_at", "updated_at" from plugin_bench_item.items where id = $1', values: [(request.params as { id: string }).id] });
      await client.query('commit');
      if (rows[0] === undefined) return await reply.code(404).send();
      return rows[0] as object;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  });
  undo.unshift(() => fastify.close());
  return { url: await fastify.listen({ port: 0 }), token: fastify.jwt.sign({ sub: 'user' }), databaseUrl: givenUrl, rowId: givenRow, tenantId };
}

process.send?.(kind === 'bare' ? await bare() : await kernel(kind as 'in-process' | 'sandboxed'));
process.on('disconnect', async () => {
  for (const fn of undo) await fn();
  process.exit(0);
});
