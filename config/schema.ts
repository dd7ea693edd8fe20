import { readFileSync } from 'node:fs';
import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** An issuer identifier (OpenID Connect Core 1.0, section 2); without TLS only on this machine, for tests. */
const Issuer = (options: object = {}) => Type.String({ pattern: '^(https://[^/?#\\s]|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:\\d+)?(/|$))[^?#\\s]*$', maxLength: 500, ...options });

/** A provider of sign-in beside the four that have settings of their own. */
export const OidcProvider = Type.Object(
  {
    /** In paths: `/api/oauth/authorize/<id>`. */
    id: Type.String({ pattern: '^[a-z][a-z0-9-]{0,29}$' }),
    issuer: Issuer(),
    clientId: Type.String({ minLength: 1, maxLength: 500 }),
    /** Left out for a public client. */
    clientSecret: Type.Optional(Type.String({ minLength: 1, maxLength: 2000 })),
    /** Default openid, email, profile. */
    scopes: Type.Optional(Type.Array(Type.String({ pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,200}$' }), { maxItems: 30 })),
    /** For people; default the id. */
    title: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  { additionalProperties: false },
);
export type OidcProvider = Static<typeof OidcProvider>;

/**
 * Every setting of a deployment. A variable's schema is its type, its check and its line in
 * `env.example`; values arrive as strings and are converted before the check.
 */
export const Settings = Type.Object({
  PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 3000, description: 'TCP port to listen on; 0 picks a free one.' }),
  HOST: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address to listen on.' }),
  DATA_DIR: Type.String({ minLength: 1, default: './data', description: 'Folder for the embedded database, blobs on disk and the generated master key.' }),
  DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://', description: 'PostgreSQL to use instead of the embedded one: the boot and migration role, with CREATEROLE and CREATE.' })),
  REDIS_URL: Type.Optional(Type.String({ pattern: '^rediss?://', description: 'Shared rate limits between nodes.' })),
  MASTER_KEY: Type.Optional(Type.String({ pattern: '^([0-9a-fA-F]{64}|[A-Za-z0-9+/]{43}=)$', description: '32 bytes, hex or base64. Made and kept in DATA_DIR with the embedded database; required with DATABASE_URL.' })),
  JWT_SECRET: Type.Optional(Type.String({ minLength: 32, description: 'A fixed HS256 secret instead of the rotating signing keys in the database.' })),
  JWT_EXPIRES_IN: Type.Integer({ minimum: 60, maximum: 86_400, default: 900, description: 'Life of an access token in seconds, or as 15m, 1h.' }),
  PUBLIC_URL: Type.Optional(Type.String({ pattern: '^https?://', description: 'Address by which users reach the server; default: the address it listens on.' })),
  PASSKEY_DOMAIN: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9.-]+$', description: 'Domain that passkeys are made for: the host of PUBLIC_URL (default) or one above it. Changing it later makes every passkey useless.' })),
  TRUST_PROXY: Type.Array(Type.String(), { default: [], description: 'Addresses or CIDR blocks of proxies whose X-Forwarded-For is believed, comma-separated.' }),
  CORS_ORIGINS: Type.Array(Type.String({ pattern: '^(\\*|https?://[^/]+)$' }), { default: [], description: 'Origins that may call from a browser, comma-separated; * for all (without credentials).' }),
  TLS_CERT: Type.Optional(Type.String({ description: 'Path of a PEM certificate chain; with TLS_KEY the server speaks TLS 1.3.' })),
  TLS_KEY: Type.Optional(Type.String({ description: 'Path of the PEM private key of TLS_CERT.' })),
  IP_ALLOW: Type.Array(Type.String(), { default: [], description: 'Client addresses or CIDR blocks that may connect, comma-separated; empty: all.' }),
  IP_DENY: Type.Array(Type.String(), { default: [], description: 'Client addresses or CIDR blocks that may not, comma-separated.' }),
  EGRESS_ALLOW: Type.Array(Type.String({ pattern: '^(\\[[0-9a-fA-F:]+\\]|[^:\\s]+):\\d{1,5}$' }), { default: [], description: 'host:port pairs in private ranges that plugins may still reach, comma-separated.' }),
  AWS_REGION: Type.String({ minLength: 1, default: 'us-east-1', description: 'Region of AWS_S3_BUCKET.' }),
  AWS_S3_BUCKET: Type.Optional(Type.String({ minLength: 3, maxLength: 63, description: 'Bucket for blobs instead of DATA_DIR.' })),
  AWS_S3_ENDPOINT: Type.Optional(Type.String({ pattern: '^https?://', description: 'Endpoint of an S3-compatible server.' })),
  AWS_ACCESS_KEY_ID: Type.Optional(Type.String({ minLength: 1, description: 'S3 credentials; default: the ones the AWS SDK finds.' })),
  AWS_SECRET_ACCESS_KEY: Type.Optional(Type.String({ minLength: 1, description: 'Belongs to AWS_ACCESS_KEY_ID.' })),
  MAIL_FROM: Type.Optional(Type.String({ pattern: '@', description: 'Sender of the mails.' })),
  SMTP_URL: Type.Optional(Type.String({ pattern: '^smtps?://', description: 'Mail server.' })),
  SENDGRID_API_KEY: Type.Optional(Type.String({ minLength: 1, description: 'Mail through SendGrid instead of SMTP_URL.' })),
  EMAIL_VERIFICATION: Type.Optional(Type.Enum(['required', 'optional'], { description: 'Whether a login needs an address that was confirmed by mail; default: required with a mail server, else optional.' })),
  STRIPE_SECRET_KEY: Type.Optional(Type.String({ minLength: 1, description: 'Payments.' })),
  GOOGLE_CLIENT_ID: Type.Optional(Type.String({ minLength: 1, description: 'OAuth client of Google.' })),
  GOOGLE_CLIENT_SECRET: Type.Optional(Type.String({ minLength: 1, description: 'Belongs to GOOGLE_CLIENT_ID.' })),
  GOOGLE_ISSUER: Issuer({ default: 'https://accounts.google.com', description: 'Issuer of GOOGLE_CLIENT_ID; another one for tests.' }),
  MICROSOFT_CLIENT_ID: Type.Optional(Type.String({ minLength: 1, description: 'OAuth client of Microsoft.' })),
  MICROSOFT_CLIENT_SECRET: Type.Optional(Type.String({ minLength: 1, description: 'Belongs to MICROSOFT_CLIENT_ID.' })),
  MICROSOFT_ISSUER: Issuer({ default: 'https://login.microsoftonline.com/common/v2.0', description: 'Issuer of MICROSOFT_CLIENT_ID: common for any account, or a directory id in its place.' }),
  SALESFORCE_CLIENT_ID: Type.Optional(Type.String({ minLength: 1, description: 'OAuth client of Salesforce.' })),
  SALESFORCE_CLIENT_SECRET: Type.Optional(Type.String({ minLength: 1, description: 'Belongs to SALESFORCE_CLIENT_ID.' })),
  SALESFORCE_ISSUER: Issuer({ default: 'https://login.salesforce.com', description: 'Issuer of SALESFORCE_CLIENT_ID: for one organisation its My Domain address.' }),
  SLACK_CLIENT_ID: Type.Optional(Type.String({ minLength: 1, description: 'OAuth client of Slack.' })),
  SLACK_CLIENT_SECRET: Type.Optional(Type.String({ minLength: 1, description: 'Belongs to SLACK_CLIENT_ID.' })),
  SLACK_ISSUER: Issuer({ default: 'https://slack.com', description: 'Issuer of SLACK_CLIENT_ID; another one for tests.' }),
  OIDC_PROVIDERS: Type.Array(OidcProvider, { default: [], maxItems: 20, description: 'Further OpenID Connect providers, as a JSON array of {id, issuer, clientId, clientSecret, scopes, title}.' }),
  OPERATOR_EMAIL: Type.Optional(Type.String({ pattern: '^[^@\\s]+@[^@\\s]+$', description: 'The first operator, made at the first boot; without it a one-time setup token is printed.' })),
  OPERATOR_PASSWORD: Type.Optional(Type.String({ minLength: 10, description: 'Belongs to OPERATOR_EMAIL.' })),
  BCRYPT_COST: Type.Integer({ minimum: 4, maximum: 16, default: 12, description: 'Cost of password hashes; hashes of a lower cost are renewed at login.' }),
  ACCOUNT_GRACE_DAYS: Type.Integer({ minimum: 0, maximum: 365, default: 30, description: 'Days between the wish to have an account deleted and its erasure; 0: at once.' }),
  API_KEY_ENVIRONMENT: Type.String({ pattern: '^[a-z]{2,12}$', default: 'live', description: 'Stands in each API key (px_live_…); keys of another environment are refused. Give a staging deployment another one.' }),
  MAX_UPLOAD_BYTES: Type.Integer({ minimum: 1024, default: 104_857_600, description: 'Largest uploaded file.' }),
  CLAMD_URL: Type.Optional(Type.String({ pattern: '^(tcp://(\\[[0-9a-fA-F:.]+\\]|[^:/\\s]+):\\d{1,5}|unix:///\\S+)$', maxLength: 500, description: 'ClamAV daemon that scans uploads for malware: tcp://host:3310 or unix:///run/clamav/clamd.ctl.' })),
  OCR_THREADS: Type.Integer({ minimum: 1, maximum: 16, default: 1, description: 'Pages whose text is recognised at once on this node; each takes a core and some 200 MB.' }),
  RATE_LIMIT_PER_MINUTE: Type.Integer({ minimum: 1, default: 6000, description: 'Requests a minute for each principal, or each address without one.' }),
  SANDBOX_CHILDREN: Type.Integer({ minimum: 1, maximum: 64, default: 2, description: 'Processes that run sandboxed plugins.' }),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(Type.String({ pattern: '^https?://', description: 'Where traces go.' })),
  ACCESS_LOG: Type.Boolean({ default: true, description: 'Log a line for each request.' }),
  LOG_LEVEL: Type.Enum(['debug', 'info', 'warn', 'error', 'silent'], { default: 'info', description: 'Least level that is logged.' }),
});

export type Settings = Static<typeof Settings>;

/** A configuration that cannot work; the message is one line per wrong variable. */
export class ConfigurationError extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigurationError';
  }
}

const pairs: readonly (readonly [keyof Settings, keyof Settings])[] = [
  ['TLS_CERT', 'TLS_KEY'],
  ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  ['OPERATOR_EMAIL', 'OPERATOR_PASSWORD'],
  ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'],
  ['MICROSOFT_CLIENT_ID', 'MICROSOFT_CLIENT_SECRET'],
  ['SALESFORCE_CLIENT_ID', 'SALESFORCE_CLIENT_SECRET'],
  ['SLACK_CLIENT_ID', 'SLACK_CLIENT_SECRET'],
];

const secondsPerUnit: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

function fromText(name: string, schema: TSchema, text: string): unknown {
  const type = (schema as { type?: string }).type;
  if (type === 'array' && (schema as { items?: { type?: string } }).items?.type === 'object') return fromJson(text);
  if (type === 'array') return text.split(',').map((part) => part.trim()).filter((part) => part !== '');
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (type !== 'integer') return text;
  const duration = name.endsWith('_EXPIRES_IN') ? /^(\d+)([smhd])$/.exec(text) : null;
  if (duration !== null) return Number(duration[1]) * (secondsPerUnit[duration[2] as string] as number);
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

/** What is no JSON stays text, which no schema of an array takes. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function expectation(schema: TSchema): string {
  const s = schema as { type?: string; minimum?: number; maximum?: number; minLength?: number; pattern?: string; enum?: string[]; items?: { type?: string; pattern?: string; properties?: object } };
  if (s.enum !== undefined) return `one of ${s.enum.join(', ')}`;
  if (s.type === 'integer') return `a whole number${s.minimum === undefined ? '' : ` from ${s.minimum}`}${s.maximum === undefined ? '' : ` to ${s.maximum}`}`;
  if (s.type === 'boolean') return 'true or false';
  if (s.pattern !== undefined) return `text matching ${s.pattern}`;
  if (s.items?.type === 'object') return `a JSON array of objects with ${Object.keys(s.items.properties ?? {}).join(', ')}`;
  if (s.type === 'array') return `a comma-separated list${s.items?.pattern === undefined ? '' : ` of entries matching ${s.items.pattern}`}`;
  return s.minLength === undefined ? 'text' : `text of at least ${s.minLength} characters`;
}

/**
 * Reads and checks the settings. Unknown variables are none of our business; empty ones count as
 * absent. Values are never part of a message: they may be secrets.
 *
 * @throws ConfigurationError with one line per wrong variable.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const problems: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(Settings.properties) as [string, TSchema][]) {
    const text = env[name]?.trim();
    if (text === undefined || text === '') {
      const fallback = (schema as { default?: unknown }).default;
      if (fallback !== undefined) settings[name] = fallback;
      continue;
    }
    const value = fromText(name, schema, text);
    if (Value.Check(schema, value)) settings[name] = value;
    else problems.push(`${name} must be ${expectation(schema)}.`);
  }
  const made = settings as Settings;
  for (const [left, right] of pairs) {
    if ((made[left] === undefined) !== (made[right] === undefined)) problems.push(`${made[left] === undefined ? left : right} is missing: ${left} and ${right} belong together.`);
  }
  if (made.DATABASE_URL !== undefined && made.MASTER_KEY === undefined) problems.push('MASTER_KEY is missing: with DATABASE_URL every node needs the same key (32 bytes, hex or base64).');
  if (made.SMTP_URL !== undefined && made.SENDGRID_API_KEY !== undefined) problems.push('SMTP_URL and SENDGRID_API_KEY exclude each other.');
  const providerIds = ['google', 'microsoft', 'salesforce', 'slack', ...(made.OIDC_PROVIDERS ?? []).map(({ id }) => id)];
  if (new Set(providerIds).size < providerIds.length) problems.push('OIDC_PROVIDERS must have an id of its own for each provider, other than google, microsoft, salesforce and slack.');
  for (const name of ['TLS_CERT', 'TLS_KEY'] as const) {
    const path = made[name];
    if (path !== undefined && !readable(path)) problems.push(`${name} names a file that cannot be read.`);
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return made;
}

function readable(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The text of `env.example`: every variable with its meaning and default. */
export function envExample(): string {
  const lines = ['# Every setting of a deployment. A commented line shows the default, or that there is none.', ''];
  for (const [name, schema] of Object.entries(Settings.properties) as [string, TSchema][]) {
    const { description, default: fallback } = schema as { description?: string; default?: unknown };
    lines.push(`# ${description ?? ''}`, `#${name}=${fallback === undefined ? '' : String(fallback)}`, '');
  }
  return lines.join('\n');
}
