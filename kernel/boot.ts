import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { engineVersion } from '@proofpix/sdk';
import type { PluginEntry } from '../config/plugins.ts';
import type { Settings } from '../config/schema.ts';
import { authEnvelopes, openAuth, openPluginPasswords, relyingParty } from './auth/index.ts';
import { openDatabase } from './database/index.ts';
import { statement } from './database/statement.ts';
import { openMessaging } from './events/index.ts';
import { createServer, type ServerOptions } from './http/index.ts';
import { createIdempotency } from './http/idempotency/idempotency.ts';
import { openMaintenance } from './http/maintenance.ts';
import type { Logger } from './log.ts';
import { mailEnvelopes, type MailServer, openMail } from './mail/index.ts';
import { openObservability } from './observability/index.ts';
import { identityService, mailService, openPlugins, operationsService, pluginsService, rolesService, signInService, teamsService, type Plugins, usersService } from './plugins/index.ts';
import { realtimeRoutes } from './realtime/routes.ts';
import { openSandbox } from './sandbox/index.ts';
import { deriveKey, masterKeyFrom, openBlobs, openKeyValue, openPluginVault, openScratch, openSecrets, openVault, startUpkeep } from './storage/index.ts';

/** A running node. */
export interface Kernel {
  readonly url: string;
  readonly plugins: Plugins;
  /** For the first operator; null when there is one already. */
  readonly setupToken: string | null;
  /** Drains and ends: requests first, then work, then what they stand on. `timeoutMs` for each of the first two. Idempotent. */
  close(timeoutMs?: number): Promise<void>;
}

export interface BootOptions {
  settings: Settings;
  entries: readonly PluginEntry[];
  log: Logger;
}

const drainMs = 20_000;

/** Undoes what a boot has taken, newest first, also when it fails half-way. */
function unwinding(log: Logger) {
  const steps: [what: string, undo: () => unknown][] = [];
  return {
    add(what: string, undo: () => unknown): void {
      steps.push([what, undo]);
    },
    async run(): Promise<void> {
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        const [what, undo] = step;
        try {
          await undo();
        } catch (error) {
          log.error({ err: error, what }, 'a part did not end cleanly');
        }
      }
    },
  };
}

/** Null: mail is held for an operator. */
function mailServer({ SMTP_URL, SENDGRID_API_KEY }: Settings): MailServer | null {
  if (SMTP_URL !== undefined) return { smtpUrl: SMTP_URL };
  return SENDGRID_API_KEY === undefined ? null : { sendgridApiKey: SENDGRID_API_KEY };
}

async function serverOptions(settings: Settings): Promise<Partial<ServerOptions>> {
  const tls = settings.TLS_CERT === undefined ? null : { cert: await readFile(settings.TLS_CERT, 'utf8'), key: await readFile(settings.TLS_KEY as string, 'utf8') };
  return {
    host: settings.HOST,
    port: settings.PORT,
    trustProxy: settings.TRUST_PROXY.length === 0 ? false : settings.TRUST_PROXY,
    corsOrigins: settings.CORS_ORIGINS,
    ipAllow: settings.IP_ALLOW,
    ipDeny: settings.IP_DENY,
    tls,
    publicUrl: settings.PUBLIC_URL ?? null,
    redisUrl: settings.REDIS_URL ?? null,
    rateLimit: { windowMs: 60_000, perPrincipal: settings.RATE_LIMIT_PER_MINUTE, perAddress: settings.RATE_LIMIT_PER_MINUTE },
  };
}

/**
 * Boots a node. Plugins that fail are off; everything else that fails stops the boot, having undone
 * what it did.
 *
 * @throws Error with one line that says what to change: a wrong setting, a database without rights, another MASTER_KEY
 */
export async function boot({ settings, entries, log }: BootOptions): Promise<Kernel> {
  const undo = unwinding(log);
  try {
    const dataDir = resolve(settings.DATA_DIR);
    const masterKey = await masterKeyFrom({ value: settings.MASTER_KEY, dataDir, embedded: settings.DATABASE_URL === undefined });
    const database = await openDatabase({ url: settings.DATABASE_URL, dataDir, masterKey, log });
    undo.add('database', () => database.close());
    const vault = await openVault({ masterKey, database, columns: [...authEnvelopes, ...mailEnvelopes] });
    // without PUBLIC_URL it becomes the address that this node listens on
    let publicUrl = settings.PUBLIC_URL ?? 'http://localhost';
    const mail = await openMail({ database, vault, server: mailServer(settings), from: settings.MAIL_FROM, publicUrl: () => publicUrl, log });
    undo.add('mail', () => mail.close());
    const observability = await openObservability({ log, version: engineVersion, traceEndpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT, accessLog: settings.ACCESS_LOG });
    undo.add('observability', () => observability.close());
    const messaging = await openMessaging({ database, log });
    undo.add('messaging', () => messaging.stop(0));
    const { events, jobs, signals, fanOut } = messaging;

    const s3 = settings.AWS_S3_BUCKET === undefined ? undefined : { bucket: settings.AWS_S3_BUCKET, region: settings.AWS_REGION, endpoint: settings.AWS_S3_ENDPOINT, accessKeyId: settings.AWS_ACCESS_KEY_ID, secretAccessKey: settings.AWS_SECRET_ACCESS_KEY };
    const blobs = await openBlobs({ database, backend: s3 === undefined ? 'disk' : 's3', dataDir, s3, handleKey: deriveKey(masterKey, 'file handles'), log });
    undo.add('blobs', () => blobs.close());
    const scratch = await openScratch({ dataDir, database, signals, log });
    undo.add('scratch', () => scratch.close());
    const kv = openKeyValue({ database });
    undo.add('storage upkeep', startUpkeep({ blobs, keyValue: kv, log }));
    const secrets = openSecrets({ database, vault });

    const sandbox = await openSandbox({ children: settings.SANDBOX_CHILDREN, log, onUsage: observability.sandboxUsage, onStrike: (strike) => log.warn({ ...strike }, 'a sandboxed plugin was ended by force') });
    undo.add('sandbox', () => sandbox.close());
    const plugins = await openPlugins({
      entries,
      settings,
      secureCookies: settings.TLS_CERT !== undefined || settings.PUBLIC_URL?.startsWith('https:') === true,
      database,
      events,
      jobs,
      signals,
      blobs,
      scratch,
      kv,
      secrets,
      vault: openPluginVault({ database, vault }),
      passwords: openPluginPasswords({ cost: settings.BCRYPT_COST }),
      sandbox,
      linkKey: deriveKey(masterKey, 'plugin links'),
      egressAllow: settings.EGRESS_ALLOW,
      maxFileBytes: settings.MAX_UPLOAD_BYTES,
      log,
      metrics: observability.pluginMetrics,
      record: observability.recordCall,
      traced: observability.traced,
    });
    undo.add('plugins', () => plugins.stop(0));
    const auth = await openAuth({
      database,
      vault,
      signals,
      permissions: plugins.directories.permissions,
      mail,
      config: {
        jwtSecret: settings.JWT_SECRET,
        jwtExpiresInSeconds: settings.JWT_EXPIRES_IN,
        bcryptCost: settings.BCRYPT_COST,
        emailVerification: settings.EMAIL_VERIFICATION,
        publicUrl: settings.PUBLIC_URL ?? 'proofpix',
        relyingParty: relyingParty({ publicUrl: settings.PUBLIC_URL, domain: settings.PASSKEY_DOMAIN, corsOrigins: settings.CORS_ORIGINS, port: settings.PORT }),
        keyEnvironment: settings.API_KEY_ENVIRONMENT,
        accountGraceDays: settings.ACCOUNT_GRACE_DAYS,
        operator: settings.OPERATOR_EMAIL === undefined ? undefined : { email: settings.OPERATOR_EMAIL, password: settings.OPERATOR_PASSWORD as string },
      },
      log,
    });
    undo.add('auth', () => auth.close());
    const maintenance = await openMaintenance({ database, events, signals, log });
    undo.add('maintenance', () => maintenance.close());
    const idempotency = createIdempotency({ database, vault, log });
    undo.add('idempotency', () => idempotency.close());

    const server = await createServer(
      {
        auth,
        directory: plugins.directories.cells,
        log,
        idempotency,
        keys: auth.keyRequests,
        maintenance,
        version: engineVersion,
        observer: observability.observer,
        checks: { database: () => database.system((em) => statement(em, 'select 1')) },
        routes: [
          { dir: `${import.meta.dirname}/auth/routes`, services: { auth } },
          { dir: `${import.meta.dirname}/http/operator-routes`, services: { maintenance } },
          { dir: `${import.meta.dirname}/mail/routes`, services: { mail, auth } },
          observability.routes,
        ],
        plugins: [
          (fastify) => realtimeRoutes(fastify, { auth, fanOut, log, describe: { version: engineVersion, url: () => publicUrl, manifestsFor: plugins.directories.cells.manifestsFor }, mayJoin: async (identity, room) => !room.startsWith('document:') || auth.can(identity, 'files:read') }),
        ],
      },
      await serverOptions(settings),
    );
    undo.add('server', () => server.close(0));

    await plugins.start({
      auth,
      kernelServices: [
        identityService({ database }),
        mailService({ database, mail }),
        operationsService({ ...plugins, sandbox, setMaintenance: (state) => maintenance.set(state) }),
        pluginsService({ ...plugins, blobs, secrets, auth }),
        rolesService({ ...plugins, auth, database }),
        signInService(auth.external),
        teamsService({ ...plugins, auth }),
        usersService({ ...plugins, auth }),
      ],
    });
    await events.start(plugins.directories.subscribers);
    await jobs.start(plugins.directories.jobs);
    const url = await server.listen();
    publicUrl = settings.PUBLIC_URL ?? url;

    let closing: Promise<void> | null = null;
    async function close(timeoutMs: number): Promise<void> {
      await server.close(timeoutMs);
      await Promise.all([events.stop(timeoutMs), jobs.stop(timeoutMs)]);
      await undo.run();
    }
    return {
      url,
      plugins,
      setupToken: auth.setup.token,
      close(timeoutMs = drainMs) {
        closing ??= close(timeoutMs);
        return closing;
      },
    };
  } catch (error) {
    await undo.run();
    throw error;
  }
}
