import { definePlugin, NotFound, reply, Type } from '@proofpix/sdk';
import { allowed, collections, config, echo, kit, services } from '../scenarios.ts';

const { route, job, subscriber, hook, provide } = kit;

/** Has every capability there is for a plugin. */
export default definePlugin({
  id: 'conformance',
  version: '1.0.0',
  title: 'Conformance',
  description: 'Uses every part of ctx.',
  capabilities: ['files:read', 'files:write', 'db:sql', 'jobs', 'realtime', 'events:emit:conformance.*', 'net:* http://127.0.0.1:18973/*'],
  config,
  collections,
  services,
  secrets: { note: { title: 'A note', hosts: [], readable: true }, token: { title: 'A token', hosts: ['127.0.0.1'] } },
  permissions: { use: { description: 'Use it', roles: ['owner'] }, other: { description: 'Nobody has it', roles: [] } },
  events: { 'conformance.happened': { schema: Type.Object({ what: Type.String() }), public: true } },
  hookPoints: { 'conformance.before-thing': { schema: Type.Object({ name: Type.String({ maxLength: 20 }) }) } },
  parts: [
    route({
      name: 'scenario.run',
      method: 'POST',
      path: '/api/conformance/:scenario',
      access: 'tenant',
      permission: 'conformance:use',
      params: Type.Object({ scenario: Type.String() }),
      body: { json: Type.Object({ arg: Type.Optional(Type.String()) }) },
      handler(ctx, { params, body }) {
        const run = Object.hasOwn(allowed, params.scenario) ? allowed[params.scenario] : undefined;
        if (run === undefined) throw NotFound();
        return run(ctx, body.arg ?? '');
      },
    }),
    route({
      name: 'upload.put',
      method: 'PUT',
      path: '/api/conformance/uploads/:name',
      access: 'tenant',
      permission: 'conformance:use',
      params: Type.Object({ name: Type.String() }),
      body: { upload: true, maxBytes: 1_000_000 },
      async handler(ctx, { params, files: [file] }) {
        if (file === undefined) throw NotFound();
        const kept = await ctx.files.keep(file.handle);
        await ctx.kv.set(`upload ${params.name}`, { id: kept.id, sizeBytes: kept.sizeBytes, complete: file.complete === true });
        return reply({ status: 204, headers: { 'upload-offset': String(kept.sizeBytes) } });
      },
    }),
    route({
      name: 'upload.get',
      method: 'GET',
      path: '/api/conformance/uploads/:name',
      access: 'tenant',
      permission: 'conformance:use',
      params: Type.Object({ name: Type.String() }),
      produces: ['application/octet-stream'],
      async handler(ctx, { params }) {
        const found = await ctx.kv.get<{ id: string; sizeBytes: number; complete: boolean }>(`upload ${params.name}`);
        if (found === null) throw NotFound();
        return reply({ headers: { 'upload-offset': String(found.sizeBytes), 'x-conformance-complete': String(found.complete) }, file: { id: found.id } });
      },
    }),
    subscriber<{ what: string }>({
      name: 'hear',
      event: 'conformance.happened',
      async handler(ctx, event) {
        const heard = (await ctx.kv.get<string[]>('heard')) ?? [];
        if (!heard.includes(event.payload.what)) await ctx.kv.set('heard', [...heard, event.payload.what].toSorted());
      },
    }),
    hook<{ name: string }>({
      point: 'conformance.before-thing',
      order: 0,
      timeoutMs: 1000,
      onFailure: 'closed',
      handler: async (_ctx, payload) => (payload.name === 'bad' ? { refuse: { code: 'BAD_NAME', message: 'A bad name.' } } : { patch: { name: `${payload.name}!` } }),
    }),
    job('work', {
      schema: Type.Object({ n: Type.Integer() }),
      retryLimit: 1,
      retryDelaySeconds: 0,
      timeoutMs: 10_000,
      async handler(ctx, run) {
        await ctx.jobs.progress(0.5, 'half-way');
        if (run.attempt === 1) throw new Error('the first try fails');
        return { doubled: run.data.n * 2, attempt: run.attempt };
      },
    }),
    provide(echo, {
      async say(_ctx, { text }) {
        if (text === 'fail') throw NotFound({ message: 'Nothing to say.' });
        return { said: `${text}, ${text}` };
      },
    }),
  ],
});
