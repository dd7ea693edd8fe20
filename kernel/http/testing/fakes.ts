import type { Json, Manifest, RouteManifest } from '@proofpix/sdk';
import { Forbidden, NotFound, Unauthorized } from '@proofpix/sdk';
import type { ReplyWire, RouteInputWire } from '@proofpix/sdk/runtime';
import type { Auth, Identity } from '../../auth/contract.ts';
import type { Logger } from '../../log.ts';
import type { Cell, CellBackend, CellDirectory, RequestScope } from '../contract.ts';

export const tenantA = '01900000-0000-7000-8000-00000000000a';
export const tenantB = '01900000-0000-7000-8000-00000000000b';

export interface LogLine {
  level: string;
  fields: unknown;
  message: string;
}

/** A logger that keeps its lines. */
export function memoryLog(): Logger & { lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: string) => (fields: unknown, message?: string) => void lines.push({ level, fields, message: message ?? String(fields) });
  const log = { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: () => log };
  return log as unknown as Logger & { lines: LogLine[] };
}

export function identity(options: { userId?: string; tenantId?: string | null; operator?: boolean } = {}): Identity {
  const userId = options.userId ?? 'user-1';
  return { principal: { kind: 'user', userId, credentialId: `session-${userId}`, operator: options.operator === true }, tenantId: options.tenantId === undefined ? tenantA : options.tenantId, role: 'member', roleGrant: null, customRoles: [], credentialId: `session-${userId}`, impersonatorId: null, scope: null };
}

const refuse = (): Promise<never> => Promise.reject(new Error('not part of this fake'));

/**
 * Tokens: `Bearer <user>` with `a-`, `b-`, `op-` or `no-` before the name for tenant A, tenant B,
 * operator, and no tenant; anything else is refused.
 */
export function fakeAuth(permissions: readonly string[] = []): Auth {
  return {
    authenticate({ authorization, teamId }) {
      const token = /^Bearer ((a|b|op|no)-\w+)$/.exec(authorization ?? '');
      if (token === null) return Promise.reject(Unauthorized({ message: 'The token is not valid.' }));
      const [, userId = '', kind] = token;
      if (teamId !== undefined && teamId !== tenantA) return Promise.reject(Forbidden({ message: 'You are not a member of this team.' }));
      return Promise.resolve(identity({ userId, operator: kind === 'op', tenantId: kind === 'a' ? tenantA : kind === 'b' ? tenantB : null }));
    },
    can: (_identity, permission) => Promise.resolve(permissions.includes(permission)),
    explain: refuse,
    identityOf: refuse,
    enter: (known, tenantId) => Promise.resolve(tenantId === tenantA || tenantId === known.tenantId ? { ...known, tenantId } : null),
    audit: refuse,
    verifyAudit: refuse,
    onRevoked: () => undefined,
  };
}

export function manifest(routes: readonly RouteManifest[], options: Partial<Manifest> = {}): Manifest {
  return {
    format: 1,
    id: 'notes',
    version: '1.0.0',
    engine: '^1.0.0',
    title: 'Notes',
    description: 'A plugin for tests',
    dependencies: {},
    capabilities: [],
    secrets: {},
    collections: {},
    permissions: {},
    routes: [...routes],
    events: {},
    subscriptions: [],
    hookPoints: {},
    hooks: [],
    jobs: {},
    provides: {},
    limits: {},
    migrations: { drop: [] },
    ...options,
  };
}

export interface Call {
  scope: RequestScope;
  route: RouteManifest;
  input: RouteInputWire;
}

export interface MemoryBackend extends CellBackend {
  calls: Call[];
  uploads: Map<string, Buffer>;
  discarded: string[];
  files: Map<string, { content: Buffer; mimeType: string }>;
}

/** A backend that answers with `answer`, and keeps what it was given. */
export function memoryBackend(answer: (call: Call) => Promise<ReplyWire> | ReplyWire, parts: Partial<CellBackend> = {}): MemoryBackend {
  const backend: MemoryBackend = {
    calls: [],
    uploads: new Map(),
    discarded: [],
    files: new Map(),
    async invoke(scope, route, input) {
      const call = { scope, route, input };
      backend.calls.push(call);
      return answer(call);
    },
    async upload(_scope, init, content) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      const handle = `handle-${backend.uploads.size + 1}`;
      backend.uploads.set(handle, bytes);
      return { handle, field: init.field, filename: init.filename, sizeBytes: bytes.length } as Record<string, Json>;
    },
    async discard(_scope, handles) {
      backend.discarded.push(...handles);
    },
    async file(_scope, id) {
      const file = backend.files.get(id);
      if (file === undefined) throw NotFound();
      const { createHash } = await import('node:crypto');
      return {
        sizeBytes: file.content.length,
        sha256: createHash('sha256').update(file.content).digest('hex'),
        mimeType: file.mimeType,
        async open({ start, end }) {
          return (async function* chunks() {
            const part = file.content.subarray(start, end ?? undefined);
            for (let at = 0; at < part.length; at += 65_536) yield part.subarray(at, at + 65_536);
          })();
        },
      };
    },
    ...parts,
  };
  return backend;
}

export interface MemoryDirectory extends CellDirectory {
  /** By `<plugin> <tenant or ->`. */
  cells: Map<string, Cell>;
  links: Map<string, { tenantId: string; id: string }>;
  manifests: Manifest[];
}

/** Owns `/api/<plugin>` and `/api/x/<plugin>` of the plugins it has a cell for. */
export function memoryDirectory(): MemoryDirectory {
  const directory: MemoryDirectory = {
    cells: new Map(),
    links: new Map(),
    manifests: [],
    ownerOf(path) {
      const match = /^\/api\/(?:x\/)?([a-z-]+)(?:\/|$)/.exec(path);
      const id = match?.[1] ?? '';
      return [...directory.cells.keys()].some((key) => key.startsWith(`${id} `)) ? id : null;
    },
    cellFor: (pluginId, tenantId) => directory.cells.get(`${pluginId} ${tenantId ?? '-'}`) ?? null,
    manifestsFor: () => directory.manifests,
    verifyLink: (pluginId, purpose, token) => directory.links.get(`${pluginId} ${purpose} ${token}`) ?? null,
  };
  return directory;
}
