import { AvailablePlugin, InstallationPlan, InstalledPlugin, Type } from '@proofpix/sdk';

export const PluginId = Type.String({ pattern: '^[a-z][a-z0-9-]{1,49}$' });
export const PluginParams = Type.Object({ pluginId: PluginId });
export const Version = Type.String({ minLength: 1, maxLength: 60 });
export const Plan = InstallationPlan;
export const Installed = InstalledPlugin;
export const InstalledList = Type.Object({ items: Type.Array(InstalledPlugin), nextCursor: Type.Null() });
export const AvailableList = Type.Object({ items: Type.Array(AvailablePlugin), nextCursor: Type.Null() });
export const Uploaded = Type.Object({
  id: PluginId,
  version: Version,
  /** SHA-256 that the signature covers, hex. */
  digest: Type.String(),
  title: Type.String(),
  capabilities: Type.Array(Type.Object({ capability: Type.String(), description: Type.String(), isNew: Type.Boolean() })),
});
export const Config = Type.Record(Type.String(), Type.Unknown());
