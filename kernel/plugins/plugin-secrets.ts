import { Forbidden } from '@proofpix/sdk';
import type { SecretStore } from '../storage/contract.ts';
import type { PluginCall } from './call.ts';
import { ownerOf } from './host/host-call.ts';

/** A plugin's secrets as one call sees them: the tenant's from the store, the deployment's from the operator. */
export interface PluginSecrets {
  has(call: PluginCall, name: string): Promise<boolean>;
  get(call: PluginCall, name: string): Promise<string | null>;
  /** @throws FORBIDDEN for a secret of the deployment */
  set(call: PluginCall, name: string, value: string | null): Promise<void>;
}

/** @param ofDeployment secrets that the operator gave a plugin, by plugin id; a call never sees those of another */
export function secretsWithDeployment(store: SecretStore, ofDeployment: (pluginId: string) => Readonly<Record<string, string>>): PluginSecrets {
  const isDeployments = ({ version: { manifest } }: PluginCall, name: string): boolean => Object.hasOwn(manifest.secrets, name) && manifest.secrets[name]?.deployment === true;

  /** Third-party manifests are refused such secrets; should one get by, it still finds nothing. */
  function deploymentSecret(call: PluginCall, name: string): string | null {
    const secrets = call.version.trust === 'first-party' ? ofDeployment(call.version.manifest.id) : {};
    return Object.hasOwn(secrets, name) ? (secrets[name] as string) : null;
  }

  return {
    has: async (call, name) => (isDeployments(call, name) ? deploymentSecret(call, name) !== null : store.has(ownerOf(call), name)),
    get: async (call, name) => (isDeployments(call, name) ? deploymentSecret(call, name) : store.get(ownerOf(call), name)),
    async set(call, name, value) {
      if (isDeployments(call, name)) throw Forbidden({ message: `The secret ${name} is the operator's.`, details: { secret: name } });
      await store.set(ownerOf(call), name, value);
    },
  };
}
