import { Type } from 'typebox';
import { defineService } from '../service.ts';
import { Nullable, PluginId, Text, Version } from './shared.ts';

/** A capability as it is shown to whoever consents to it. */
export const CapabilityNotice = Type.Object({
  capability: Text,
  /** In plain words. */
  description: Text,
  /** Not granted by what is installed now. */
  isNew: Type.Boolean(),
});

/** What installing a version would mean for a tenant, before anything is committed. */
export const InstallationPlan = Type.Object({
  pluginId: PluginId,
  version: Version,
  title: Text,
  description: Text,
  publisher: Nullable(Text),
  /** The version that is installed now. */
  replaces: Nullable(Version),
  /** Every plugin that is needed, in start order, each with the reason for its version. */
  dependencies: Type.Array(Type.Object({ pluginId: PluginId, version: Version, reason: Text, installed: Type.Boolean() })),
  capabilities: Type.Array(CapabilityNotice),
  routes: Type.Array(Type.Object({ method: Text, path: Text, access: Text })),
  events: Type.Array(Text),
  collections: Type.Array(Text),
  jobs: Type.Array(Text),
  secrets: Type.Array(Text),
  limits: Type.Record(Text, Type.Number()),
  /** What the database would be told; found out in a transaction that was rolled back. */
  migration: Type.Object({ statements: Type.Array(Text), deferred: Type.Array(Text) }),
});

/** A plugin as a tenant has it, with the state of its version on the node that answers. */
export const InstalledPlugin = Type.Object({
  id: PluginId,
  version: Version,
  previousVersion: Nullable(Version),
  enabled: Type.Boolean(),
  trust: Text,
  runtime: Text,
  state: Text,
  problem: Nullable(Type.Object({ code: Text, message: Text, step: Text })),
  grants: Type.Array(Text),
});

/** A plugin version that a tenant may install. */
export const AvailablePlugin = Type.Object({ id: PluginId, version: Version, title: Text, description: Text, publisher: Nullable(Text), trust: Text, capabilities: Type.Array(CapabilityNotice), installed: Type.Boolean() });

const Target = Type.Object({ pluginId: PluginId, version: Type.Optional(Version) });
const Grants = Type.Array(Type.String({ maxLength: 300 }), { maxItems: 100 });
const Config = Type.Record(Type.String(), Type.Unknown());

/** `kernel:plugins`. Errors: PLUGIN_ID_TAKEN, CONSENT_REQUIRED, DEPENDENCY_UNSOLVABLE, and those of packages. */
export const kernelPlugins = defineService({
  id: 'kernel.plugins',
  version: '1.0.0',
  methods: {
    listAvailable: { input: Type.Object({}), output: Type.Object({ items: Type.Array(AvailablePlugin) }), idempotent: true },
    listInstalled: { input: Type.Object({}), output: Type.Object({ items: Type.Array(InstalledPlugin) }), idempotent: true },
    /** Trusts a publisher's key for this tenant's private plugins; for the whole deployment when an operator asks for it. */
    trustKey: { input: Type.Object({ publisher: PluginId, publicKey: Type.String({ maxLength: 500 }), deployment: Type.Optional(Type.Boolean()) }), output: Type.Object({ keyId: Text }), idempotent: true },
    revokeKey: { input: Type.Object({ keyId: Text, deployment: Type.Optional(Type.Boolean()) }), output: Type.Object({ revoked: Type.Boolean() }), idempotent: true },
    /** Reads, verifies and keeps a package; `file` is a handle of the calling plugin. */
    upload: { input: Type.Object({ file: Text, deployment: Type.Optional(Type.Boolean()) }), output: Type.Object({ pluginId: PluginId, version: Version, digest: Text, title: Text, capabilities: Type.Array(CapabilityNotice) }), idempotent: true },
    plan: { input: Target, output: InstallationPlan, idempotent: true },
    /** Installs, or upgrades when another version is installed. `grants` must hold every capability that the plan lists. */
    install: { input: Type.Intersect([Target, Type.Object({ grants: Grants, config: Type.Optional(Config) })]), output: InstalledPlugin },
    setEnabled: { input: Type.Object({ pluginId: PluginId, enabled: Type.Boolean() }), output: InstalledPlugin, idempotent: true },
    rollback: { input: Type.Object({ pluginId: PluginId }), output: InstalledPlugin },
    uninstall: { input: Type.Object({ pluginId: PluginId, data: Type.Enum(['keep', 'purge']) }), output: Type.Object({ uninstalled: Type.Boolean() }), idempotent: true },
    getConfig: { input: Type.Object({ pluginId: PluginId }), output: Type.Object({ schema: Nullable(Config), config: Config, secrets: Type.Array(Type.Object({ name: Text, title: Text, isSet: Type.Boolean() })) }), idempotent: true },
    /** Secrets are set, never shown; null removes one. */
    setConfig: { input: Type.Object({ pluginId: PluginId, config: Type.Optional(Config), secrets: Type.Optional(Type.Record(Text, Nullable(Text))) }), output: Type.Object({ config: Config }), idempotent: true },
  },
});
