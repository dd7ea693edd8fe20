import { Unavailable } from '@proofpix/sdk';
import type { PluginEntry } from '../../config/plugins.ts';
import type { Settings } from '../../config/schema.ts';
import type { Auth } from '../auth/contract.ts';
import type { PluginPasswords } from '../auth/plugin-passwords.ts';
import type { Database, PluginStore } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import type { Events, Signals } from '../events/contract.ts';
import { buildCell } from '../http/cell/build-cell.ts';
import { schemaProblem as unsafeSchema } from '../http/safe-schema.ts';
import type { Jobs } from '../jobs/contract.ts';
import type { Logger } from '../log.ts';
import { extractManifest, packageScript, type Sandbox } from '../sandbox/index.ts';
import type { Blobs, KeyValueStore, SecretStore } from '../storage/contract.ts';
import type { PluginVault } from '../storage/index.ts';
import type { Scratch } from '../storage/scratch/index.ts';
import { openBreaker } from './breaker.ts';
import type { PluginCall } from './call.ts';
import { cellBackend } from './cell-backend.ts';
import { checkManifest } from './check-manifest.ts';
import { openDirectories, type Directories } from './directories.ts';
import { openEgress } from './egress.ts';
import { loadFirstParty } from './first-party.ts';
import { hookRunner } from './hook-runner.ts';
import { eventMaker } from './host/outgoing-event.ts';
import { hostTable } from './host/table.ts';
import { openInProcessRuntime } from './in-process.ts';
import { openInstaller, type Installer } from './install.ts';
import { limitsFor, type PluginVersion } from './installed-plugin.ts';
import { openInstallations, pluginsTopic, type Installations } from './installations.ts';
import { openInvoker, type CallRecord, type Invoker } from './invoker.ts';
import { openEmitWith, type EmitWith } from './kernel-services/emit-with.ts';
import { openLifecycle, type Lifecycle } from './lifecycle.ts';
import { localWork } from './local-work.ts';
import { openLinks } from './links.ts';
import { noticeTaker, type MetricSink } from './notices.ts';
import { openPackages, type Packages } from './packages.ts';
import { openQuotas } from './quotas.ts';
import { schemaProblem } from './schema-check.ts';
import { secretsWithDeployment } from './plugin-secrets.ts';
import { serviceCaller, type KernelService } from './services.ts';
import { startOrder } from './solver.ts';
import { openLane, storeInLane, transactionsInLane } from './store-lanes.ts';
import { openTenantPlugins, type TenantPlugins } from './tenant-plugins.ts';
import { openVersions, type Versions } from './versions.ts';

export interface PluginsOptions {
  entries: readonly PluginEntry[];
  /** Of the deployment; an entry picks what its plugin gets. */
  settings: Settings;
  database: Database;
  events: Events;
  jobs: Jobs;
  signals: Signals;
  blobs: Blobs;
  scratch: Scratch;
  kv: KeyValueStore;
  secrets: SecretStore;
  vault: PluginVault;
  passwords: PluginPasswords;
  sandbox: Sandbox;
  /** Signs link tokens; 32 bytes. */
  linkKey: Uint8Array;
  egressAllow: readonly string[];
  /** Users reach the deployment by https. */
  secureCookies: boolean;
  maxFileBytes: number;
  log: Logger;
  metrics: MetricSink;
  record(record: CallRecord): void;
  traced: Parameters<typeof openInvoker>[0]['traced'];
}

export interface Plugins {
  readonly directories: Directories;
  readonly installer: Installer;
  readonly installations: Installations;
  readonly packages: Packages;
  readonly versions: Versions;
  readonly lifecycle: Lifecycle;
  readonly tenantPlugins: TenantPlugins;
  readonly invoker: Invoker;
  /** Events of a plugin that stand or fall with a change the kernel makes for it. */
  readonly emitWith: EmitWith;
  /** Gives what could not be known before; then starts first-party plugins and those that tenants have installed. */
  start(late: { auth: Auth; kernelServices: readonly KernelService[] }): Promise<void>;
  refresh(): Promise<void>;
  /** Drains cells and ends calls, `timeoutMs` at the most. */
  stop(timeoutMs: number): Promise<void>;
}

/** Of the pool's 20 connections, for work that no request waits for, so that people find one however long the backlog is. */
const backgroundConnections = 12;
/** Of the pool's 20 connections, for transactions; the rest is for what ends at once. */
const transactionConnections = 14;
/** How long a version that nobody runs any more may take to finish its requests. */
const retireMs = 60_000;
/** A second chance for changes whose signal was missed, and for new tenants' cron jobs. */
const rereadMs = 30_000;

/** Plugins of this node: what there is, who runs what, and how a call gets there and back. */
export async function openPlugins(options: PluginsOptions): Promise<Plugins> {
  const { database, events, jobs, signals, blobs, scratch, kv, secrets, sandbox, log } = options;
  const versions = openVersions();
  const installations = openInstallations(database, signals);
  const quotas = openQuotas({ database, log });
  const links = openLinks(options.linkKey);
  const egress = openEgress({ allow: options.egressAllow });
  const inProcess = openInProcessRuntime();
  const firstParty = await loadFirstParty(options.entries, options.settings, log);
  const everyTenantIds = new Set(firstParty.flatMap(({ entry, version }) => (entry.everyTenant && version !== null ? [version.manifest.id] : [])));
  const everyTenant = (pluginId: string): boolean => everyTenantIds.has(pluginId);
  const kernelServices = new Map<string, KernelService>();
  let tenantIds: ReadonlySet<string> = new Set();
  let auth: Auth | null = null;
  let invoker: Invoker | null = null;

  const lateAuth = (): Auth => auth ?? raise('auth is not ready');
  const lateInvoker = (): Invoker => invoker ?? raise('plugins are not ready');

  const lifecycle = openLifecycle(
    {
      validate: (version) => void checkManifest(version.manifest, version.trust === 'first-party' ? { trust: 'first-party', prefixes: version.prefixes } : { trust: 'third-party', schemaProblem: unsafeSchema }),
      migrate: async (version) => void (await database.plugins.provision(version.manifest)),
      async load(version) {
        if (version.runtime === 'in-process') return;
        const { id, version: number } = version.manifest;
        const packaged = await packages.code(id, number);
        const code = firstParty.find((one) => one.version === version)?.code ?? (packaged === null ? null : await packageScript(packaged));
        if (code === null) throw Unavailable({ message: `The code of ${id} ${number} is not here.` });
        sandbox.load({ id, version: number, code });
      },
      unload: async ({ runtime, manifest }) => (runtime === 'sandboxed' ? sandbox.evict({ pluginId: manifest.id, version: manifest.version }) : undefined),
      build: (version) => buildCell(version.manifest, cellBackend(version, { tenantPlugins, invoker: lateInvoker(), blobs, scratch, maxFileBytes: options.maxFileBytes }), { log, firstParty: version.trust === 'first-party', maxFileBytes: options.maxFileBytes, secureCookies: options.secureCookies }),
    },
    log,
  );
  const isReady = ({ manifest }: PluginVersion): boolean => lifecycle.status(manifest.id, manifest.version).state === 'ready';
  const tenantPlugins = openTenantPlugins({ versions, installations, everyTenant, isReady });
  const packages = openPackages({ database, signals, isFirstParty: (id) => firstParty.some(({ version }) => version?.manifest.id === id), extractManifest: async (code) => extractManifest(await packageScript(code), { log }), schemaProblem: unsafeSchema });

  const background = openLane(backgroundConnections);
  const transactions = openLane(transactionConnections);
  const storeOf = ({ version, requestId }: PluginCall): PluginStore => {
    const store = transactionsInLane(database.plugins.open(version.manifest), transactions);
    return requestId === null ? storeInLane(store, background) : store;
  };
  const payloadProblem = (call: PluginCall, kind: 'events' | 'hookPoints', name: string, payload: unknown) => schemaProblem(call.version.manifest[kind][name]?.schema ?? {}, payload, 'payload');
  const makeEvent = eventMaker({ quotas, payloadProblem });
  const table = hostTable({
    storeOf,
    makeEvent,
    payloadProblem,
    quotas,
    blobs,
    scratch,
    kv,
    secrets: secretsWithDeployment(secrets, (pluginId) => firstParty.find(({ version }) => version?.manifest.id === pluginId)?.secrets ?? {}),
    vault: options.vault,
    passwords: options.passwords,
    jobs,
    events,
    egress,
    links,
    maxFileBytes: options.maxFileBytes,
    wake: () => events.wake(),
    async countRows(call) {
      const counts = await Promise.all(Object.keys(call.version.manifest.collections).map((collection) => database.plugins.open(call.version.manifest).run({ tenantId: call.tenantId ?? '', timeoutMs: 5000, readOnly: true }, { op: 'count', collection, args: [{}] })));
      return (counts as number[]).reduce((sum, count) => sum + count, 0);
    },
    auth: { can: (...args) => lateAuth().can(...args), audit: (...args) => lateAuth().audit(...args) } as Auth,
    dataProblem: (call, job, data) => schemaProblem(call.version.manifest.jobs[job]?.schema ?? {}, data, 'data'),
    runLocally: localWork({ tenantPlugins, invoker: lateInvoker, log }),
    runHooks: hookRunner({ tenantPlugins, invoker: lateInvoker, log }),
    callService: serviceCaller({ tenantPlugins, invoker: lateInvoker, kernelServices }),
  });
  invoker = openInvoker({
    table,
    breaker: openBreaker(),
    runtimeOf: (version) => (version.runtime === 'in-process' ? inProcess : sandbox),
    log,
    notify: noticeTaker({ log, metrics: options.metrics }),
    record: options.record,
    traced: options.traced,
  });

  const directories = openDirectories({ versions, tenantPlugins, lifecycle, links, quotas, log, auth: lateAuth, invoker: lateInvoker, tenants: () => tenantIds });

  /** Makes the stored packages known to this node; their code is fetched when a tenant needs it. */
  async function readPackages(): Promise<void> {
    for (const { manifest } of await packages.list()) {
      if (versions.get(manifest.id, manifest.version) === null) versions.add({ manifest, trust: 'third-party', runtime: 'sandboxed', limits: limitsFor(manifest, 'third-party'), operatorGrants: [], prefixes: [] });
    }
  }

  /** Tenants are only counted when a plugin that all of them have runs by the clock. */
  async function readTenants(): Promise<void> {
    const found = new Set([...installations.all()].map(({ tenantId }) => tenantId));
    const scheduled = firstParty.some(({ entry, version }) => entry.everyTenant && Object.values(version?.manifest.jobs ?? {}).some(({ cron }) => cron !== undefined));
    if (scheduled) for (const { id } of await database.system((em) => statement<{ id: string }>(em, `select id from kernel.tenants where status <> 'deleted'`))) found.add(id);
    tenantIds = found;
  }

  async function refreshOnce(): Promise<void> {
    await readPackages();
    const touched = await installations.refresh();
    const needed = new Set([...touched].flatMap((tenantId) => installations.ofTenant(tenantId).flatMap((one) => (one.enabled ? (versions.get(one.pluginId, one.version) ?? []) : []))));
    await Promise.all([...needed].map((version) => lifecycle.start(version)));
    await readTenants();
    // Only now, so that a tenant is never between its old version and a new one that has not started.
    tenantPlugins.forget(touched);
    if (touched.size > 0) retireUnused();
  }

  /** Ends third-party versions that no tenant has, nor may go back to. */
  function retireUnused(): void {
    const used = new Set([...installations.all()].flatMap(({ pluginId, version, previousVersion }) => [`${pluginId}@${version}`, `${pluginId}@${previousVersion}`]));
    for (const version of versions.all()) {
      const { id, version: number } = version.manifest;
      if (version.trust === 'first-party' || used.has(`${id}@${number}`)) continue;
      lifecycle.stop(version, retireMs).catch((error: unknown) => log.warn({ err: error, plugin: id, version: number }, 'a version that nobody runs did not end cleanly'));
    }
  }

  let refreshing: Promise<void> = Promise.resolve();
  function refresh(): Promise<void> {
    refreshing = refreshing.then(refreshOnce, refreshOnce);
    return refreshing;
  }
  const refreshQuietly = (): void => void refresh().catch((error: unknown) => log.warn({ err: error }, 'changes of plugins could not be read; the next try is soon'));

  const installer = openInstaller({
    versions,
    installations,
    packages,
    everyTenant,
    lifecycle,
    refresh,
    running: (tenantId) => tenantPlugins.of(tenantId).map(({ version }) => version.manifest),
    dryRun: async (pluginId, version) => database.plugins.provision(versions.require(pluginId, version).manifest, { dryRun: true }),
    async purge(tenantId, pluginId) {
      const owner = { tenantId, pluginId };
      await sandbox.evict(owner);
      await Promise.all([database.plugins.purgeTenant(pluginId, tenantId), kv.purge(owner), blobs.purge(owner), scratch.purge(owner), secrets.purge(owner)]);
      await quotas.recount(owner, { rows: 0, storedBytes: 0, kvEntries: 0 });
    },
  });

  const unsubscribe = signals.on(pluginsTopic, refreshQuietly);
  const timer = setInterval(refreshQuietly, rereadMs);
  timer.unref();

  return {
    directories,
    installer,
    installations,
    packages,
    versions,
    lifecycle,
    tenantPlugins,
    invoker,
    emitWith: openEmitWith({ events, makeEvent }),
    refresh,
    async start({ auth: given, kernelServices: services }) {
      auth = given;
      for (const service of services) kernelServices.set(service.ref.id, service);
      for (const { version, plugin } of firstParty) {
        if (version === null) continue;
        if (plugin !== null) inProcess.register(plugin);
        versions.add(version);
      }
      // A cycle or a missing dependency degrades who is in it, not the boot: they start in any order.
      for (const id of orderOf(versions.all(), log)) {
        const version = versions.deployed(id);
        if (version !== null) await lifecycle.start(version);
      }
      await refresh();
      tenantPlugins.forget('all');
    },
    async stop(timeoutMs) {
      clearInterval(timer);
      unsubscribe();
      await Promise.all(versions.all().map((version) => lifecycle.stop(version, timeoutMs)));
      invoker?.abort({});
      await refreshing.catch(() => undefined);
      await quotas.close();
      await egress.close();
    },
  };
}

function orderOf(versions: readonly PluginVersion[], log: Logger): string[] {
  const manifests = versions.map(({ manifest }) => manifest);
  try {
    return startOrder(manifests);
  } catch (error) {
    log.error({ err: error }, 'plugins depend on each other in a circle');
    return manifests.map(({ id }) => id);
  }
}

function raise(message: string): never {
  throw Unavailable({ message });
}
