import { NotFound, Unavailable, type Json, type JsonObject, type Principal } from '@proofpix/sdk';
import type { Auth, Identity, PermissionDirectory } from '../auth/contract.ts';
import type { Provenance, SubscriberDirectory } from '../events/contract.ts';
import type { CellDirectory } from '../http/contract.ts';
import type { JobDirectory } from '../jobs/contract.ts';
import type { Logger } from '../log.ts';
import type { Invoker } from './invoker.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LinkSigner } from './links.ts';
import { permissionsOf } from './permissions-of.ts';
import type { Quotas } from './quotas.ts';
import { subscriptionsTo, type EnabledPlugin, type TenantPlugins } from './tenant-plugins.ts';
import type { Versions } from './versions.ts';

const subscriberMs = 60_000;

/** The questions other modules ask of plugins: which cell, which subscribers, which jobs, which roles. */
export interface Directories {
  cells: CellDirectory;
  subscribers: SubscriberDirectory;
  jobs: JobDirectory;
  permissions: PermissionDirectory;
}

export interface DirectoryDeps {
  versions: Versions;
  tenantPlugins: TenantPlugins;
  lifecycle: Lifecycle;
  links: LinkSigner;
  quotas: Quotas;
  log: Logger;
  /** Late, since auth and the invoker themselves ask the directories. */
  auth(): Auth;
  invoker(): Invoker;
  /** Tenants with an installation of their own, and those that run what every tenant has. */
  tenants(): Iterable<string>;
}

export function openDirectories({ versions, tenantPlugins, lifecycle, links, quotas, log, auth, invoker, tenants }: DirectoryDeps): Directories {
  /** Whoever started the work, as they are now: gone or demoted since, they can do less. */
  async function identityFor(provenance: Provenance): Promise<Identity | null> {
    const { kind, userId, credentialId } = provenance.principal;
    // work that a key began stays within the key
    const identity = userId === null ? null : await auth().identityOf(userId, provenance.tenantId, kind === 'api-key' ? credentialId : null);
    return identity === null || provenance.impersonatorId == null ? identity : { ...identity, impersonatorId: provenance.impersonatorId };
  }

  async function run(plugin: EnabledPlugin, provenance: Provenance, handler: string, input: Json, timeoutMs: number, signal: AbortSignal, jobId: string | null): Promise<Json> {
    return invoker().invoke({ plugin, tenantId: provenance.tenantId, handler, input, principal: provenance.principal, identity: await identityFor(provenance), provenance, timeoutMs, signal, jobId, idempotent: true });
  }

  return {
    cells: {
      ownerOf: versions.ownerOf,
      cellFor(pluginId, tenantId) {
        const plugin = tenantPlugins.get(tenantId, pluginId);
        return plugin === null ? null : lifecycle.cell(pluginId, plugin.version.manifest.version);
      },
      manifestsFor: (identity) => (identity?.tenantId == null ? [] : tenantPlugins.of(identity.tenantId).map((plugin) => plugin.version.manifest)),
      verifyLink: links.verify,
    },
    subscribers: {
      subscribersOf: (tenantId, eventName) => subscriptionsTo(tenantPlugins.of(tenantId), eventName).map(({ plugin, name, retryLimit }) => ({ pluginId: plugin.version.manifest.id, name, retryLimit })),
      async deliver(subscriber, event, attempt, signal) {
        const plugin = tenantPlugins.get(event.provenance.tenantId, subscriber.pluginId);
        const subscription = plugin?.version.manifest.subscriptions.find((one) => one.name === subscriber.name);
        if (plugin === null || subscription === undefined) {
          log.info({ plugin: subscriber.pluginId, event: event.name }, 'an event is dropped: the subscriber is no longer enabled');
          return;
        }
        const input: JsonObject = { id: event.id, name: event.name, payload: event.payload, emittedAt: event.emittedAt, attempt };
        await run(plugin, event.provenance, `event:${subscriber.name}`, input, subscription.timeoutMs ?? subscriberMs, signal, null);
      },
    },
    jobs: {
      async run(job) {
        const { tenantId } = job.provenance;
        const plugin = tenantPlugins.get(tenantId, job.pluginId);
        // A disabled plugin's jobs are retried and end as dead letters, from where they can be sent again.
        if (plugin === null) throw Unavailable({ message: `The plugin ${job.pluginId} is not enabled here.` });
        const declared = Object.hasOwn(plugin.version.manifest.jobs, job.name) ? plugin.version.manifest.jobs[job.name] : undefined;
        if (declared === undefined) throw NotFound({ message: `${job.pluginId} ${plugin.version.manifest.version} has no job ${job.name}.` });
        let failed = true;
        try {
          const result = await run(plugin, job.provenance, `job:${job.name}`, { id: job.id, data: job.data, attempt: job.attempt }, declared.timeoutMs, job.signal, job.id);
          failed = false;
          return result;
        } finally {
          if (!failed || job.attempt > declared.retryLimit) quotas.add({ tenantId, pluginId: job.pluginId }, 'queuedJobs', -1);
        }
      },
      cronEntries: () =>
        [...tenants()].flatMap((tenantId) =>
          tenantPlugins.of(tenantId).flatMap(({ version: { manifest } }) => Object.entries(manifest.jobs).flatMap(([name, { cron, timeZone }]) => (cron === undefined ? [] : [{ tenantId, pluginId: manifest.id, name, cron, timeZone: timeZone ?? 'UTC' }]))),
        ),
      cronJob(entry) {
        const declared = tenantPlugins.get(entry.tenantId, entry.pluginId)?.version.manifest.jobs[entry.name];
        const principal: Principal = { kind: 'system', userId: null, credentialId: null, operator: false };
        quotas.add({ tenantId: entry.tenantId, pluginId: entry.pluginId }, 'queuedJobs', 1);
        return {
          pluginId: entry.pluginId,
          name: entry.name,
          data: {},
          provenance: { tenantId: entry.tenantId, principal, traceId: crypto.randomUUID().replaceAll('-', ''), hop: 0, chain: [], bounds: null },
          retryLimit: declared?.retryLimit ?? 0,
          retryDelaySeconds: declared?.retryDelaySeconds ?? 0,
          timeoutMs: declared?.timeoutMs ?? subscriberMs,
          options: { singletonKey: `cron ${entry.pluginId} ${entry.name}` },
        };
      },
    },
    permissions: {
      find(tenantId, permission) {
        const plugin = tenantPlugins.get(tenantId, permission.slice(0, permission.indexOf(':')));
        return plugin === null ? null : (permissionsOf(plugin.version.manifest).get(permission) ?? null);
      },
      list: (tenantId) => tenantPlugins.of(tenantId).flatMap(({ version }) => [...permissionsOf(version.manifest).values()]),
      isEnabled: (tenantId, pluginId) => tenantPlugins.get(tenantId, pluginId) !== null,
    },
  };
}
