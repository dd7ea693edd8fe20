export { type BlobsOptions, type BlobTimes, maxBlobBytes, openBlobs, type OpenBlobs } from './blobs/open-blobs.ts';
export type { S3Options } from './blobs/s3-store.ts';
export type { Blobs, BlobWriter, KeyValueStore, Owner, SecretStore, Vault } from './contract.ts';
export { type KeyValueTable, openKeyValue } from './key-value.ts';
export { deriveKey, masterKeyFrom } from './master-key.ts';
export { openPluginVault, type PluginVault } from './plugin-vault.ts';
export { openSecrets } from './secrets.ts';
export { startUpkeep, type UpkeepOptions } from './upkeep.ts';
export { openVault, type VaultOptions } from './vault.ts';
