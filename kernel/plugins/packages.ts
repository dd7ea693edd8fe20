import { defineError, type Manifest } from '@proofpix/sdk';
import { keyIdOf, openPackage, rawPublicKey, readPublicKey, type TrustedKey } from '@proofpix/sdk/packaging';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import type { Signals } from '../events/contract.ts';
import { checkManifest, type Origin } from './check-manifest.ts';
import { pluginsTopic } from './installations.ts';

export const PluginIdTaken = defineError({ code: 'PLUGIN_ID_TAKEN', kind: 'conflict', message: 'The plugin id or version is taken.' });

/** A stored package without its bytes. */
export interface StoredPackage {
  manifest: Manifest;
  digest: string;
  publisher: string;
  everyTenant: boolean;
}

/** Third-party packages that this deployment holds. */
export interface Packages {
  /**
   * Reads, verifies and keeps a package. The same content again is no error.
   *
   * @throws errors of packages and signatures, MANIFEST_INVALID, MANIFEST_MISMATCH, PLUGIN_ID_TAKEN
   */
  add(source: AsyncIterable<Uint8Array>, scope: { tenantId: string; deployment: boolean }): Promise<StoredPackage>;
  /** What a tenant may install. */
  offeredTo(tenantId: string): Promise<StoredPackage[]>;
  list(): Promise<StoredPackage[]>;
  code(pluginId: string, version: string): Promise<string | null>;
  trust(key: { publisher: string; publicKey: string }, scope: string): Promise<string>;
  revoke(keyId: string, scope: string): Promise<boolean>;
}

/** Scope of a key that the whole deployment trusts. */
export const deploymentScope = 'deployment';

export interface PackageDeps {
  database: Database;
  signals: Signals;
  isFirstParty(pluginId: string): boolean;
  /** Runs the script where it can do no harm and tells the manifest it shows. */
  extractManifest(code: string): Promise<unknown>;
  schemaProblem: NonNullable<Origin['schemaProblem']>;
  now?: () => Date;
}

interface PackageRow {
  manifest: Manifest;
  digest: string;
  publisher: string;
  every_tenant: boolean;
}

const stored = (row: PackageRow): StoredPackage => ({ manifest: row.manifest, digest: row.digest, publisher: row.publisher, everyTenant: row.every_tenant });
const columns = 'manifest, digest, publisher, every_tenant';

export function openPackages({ database, signals, isFirstParty, extractManifest, schemaProblem, now = () => new Date() }: PackageDeps): Packages {
  async function findKey(keyId: string, tenantId: string): Promise<TrustedKey | null> {
    const [row] = await database.system((em) =>
      statement<{ publisher: string; public_key: string; valid_from: Date; valid_until: Date | null; revoked: boolean }>(em, // A revocation anywhere wins over trust anywhere.
        'select publisher, public_key, valid_from, valid_until, revoked from kernel.publisher_keys where key_id = $1 and scope in ($2, $3) order by revoked desc, scope = $4 desc limit 1',
        [keyId, deploymentScope, tenantId, deploymentScope],
      ),
    );
    if (row === undefined) return null;
    return { keyId, publisher: row.publisher, publicKey: readPublicKey(row.public_key), validFrom: new Date(row.valid_from), validUntil: row.valid_until === null ? null : new Date(row.valid_until), revoked: row.revoked };
  }

  return {
    async add(source, { tenantId, deployment }) {
      const scope = deployment ? deploymentScope : tenantId;
      const pkg = await openPackage(source, { trust: { find: (keyId) => findKey(keyId, scope) }, now: now(), extractManifest });
      const manifest = checkManifest(pkg.manifest, { trust: 'third-party', schemaProblem });
      if (isFirstParty(manifest.id)) throw PluginIdTaken({ message: `${manifest.id} is a plugin of this deployment itself.` });
      const { publisher, keyId } = pkg.signature;
      await database.system(async (em) => {
        await statement(em, 'select pg_advisory_xact_lock(hashtextextended($1, 0))', [`plugin ${manifest.id}`]);
        const [other] = await statement<{ publisher: string }>(em, 'select publisher from kernel.plugin_packages where id = $1 and publisher <> $2 limit 1', [manifest.id, publisher]);
        if (other !== undefined) throw PluginIdTaken({ message: `The plugin id ${manifest.id} belongs to another publisher.` });
        const [same] = await statement<{ digest: string }>(em, 'select digest from kernel.plugin_packages where id = $1 and version = $2', [manifest.id, manifest.version]);
        if (same !== undefined && same.digest !== pkg.digest) throw PluginIdTaken({ message: `${manifest.id} ${manifest.version} exists with another content; a version never changes.` });
        await statement(em, `insert into kernel.plugin_packages (id, version, manifest, code, readme, digest, publisher, key_id, every_tenant) values ($1, $2, $3::jsonb, $4, $5, $6, $7, $8, $9)
           on conflict (id, version) do update set every_tenant = kernel.plugin_packages.every_tenant or excluded.every_tenant`,
          [manifest.id, manifest.version, JSON.stringify(manifest), pkg.code, new TextDecoder().decode(pkg.entries['README.md']), pkg.digest, publisher, keyId, deployment],
        );
        if (!deployment) await statement(em, 'insert into kernel.plugin_offers (tenant_id, plugin_id, version) values ($1, $2, $3) on conflict do nothing', [tenantId, manifest.id, manifest.version]);
        await signals.raise(pluginsTopic, em);
      });
      return { manifest, digest: pkg.digest, publisher, everyTenant: deployment };
    },
    async offeredTo(tenantId) {
      const rows = await database.system((em) => statement<PackageRow>(em, `select ${columns} from kernel.plugin_packages p where every_tenant or exists (select from kernel.plugin_offers o where o.tenant_id = $1 and o.plugin_id = p.id and o.version = p.version) order by id, version`, [tenantId]));
      return rows.map(stored);
    },
    list: async () => (await database.system((em) => statement<PackageRow>(em, `select ${columns} from kernel.plugin_packages`))).map(stored),
    async code(pluginId, version) {
      const [row] = await database.system((em) => statement<{ code: string }>(em, 'select code from kernel.plugin_packages where id = $1 and version = $2', [pluginId, version]));
      return row?.code ?? null;
    },
    async trust({ publisher, publicKey }, scope) {
      const key = readPublicKey(publicKey);
      const keyId = keyIdOf(key);
      // What was signed before the key was trusted here counts too: trusting a key is trusting what it vouched for.
      await database.system((em) => statement(em, `insert into kernel.publisher_keys (key_id, scope, publisher, public_key, valid_from) values ($1, $2, $3, $4, 'epoch') on conflict (key_id, scope) do nothing`, [keyId, scope, publisher, Buffer.from(rawPublicKey(key)).toString('base64')]));
      return keyId;
    },
    async revoke(keyId, scope) {
      const rows = await database.system((em) => statement(em, 'update kernel.publisher_keys set revoked = true where key_id = $1 and scope = $2 returning key_id', [keyId, scope]));
      return rows.length > 0;
    },
  };
}
