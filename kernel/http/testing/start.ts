import { connect } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest, RouteManifest } from '@proofpix/sdk';
import { buildCell, type CellOptions } from '../cell/build-cell.ts';
import { createServer, type Server, type ServerDeps } from '../create-server.ts';
import type { Cell } from '../contract.ts';
import type { ServerOptions } from '../server-options.ts';
import { fakeAuth, manifest, type MemoryBackend, type MemoryDirectory, memoryDirectory, memoryLog, tenantA } from './fakes.ts';

export interface Teardown {
  teardown(fn: () => unknown): unknown;
}

export interface Started {
  server: Server;
  directory: MemoryDirectory;
  log: ReturnType<typeof memoryLog>;
  /** Puts a plugin's cell in place, for the deployment and tenant A unless said otherwise. */
  enable(routes: readonly RouteManifest[], backend: MemoryBackend, options?: { manifest?: Partial<Manifest>; cell?: Partial<CellOptions>; tenants?: readonly (string | null)[] }): Promise<Cell>;
  /** Base URL on a real socket. */
  listen(): Promise<{ url: string; port: number }>;
}

/** A server with fakes around it. `plugin` adds kernel routes. */
export async function startServer(t: Teardown, deps: Partial<ServerDeps> = {}, options: Partial<ServerOptions> = {}): Promise<Started> {
  const directory = memoryDirectory();
  const log = memoryLog();
  const server = await createServer({ auth: fakeAuth(['notes:write']), directory, log, routes: [], ...deps }, { port: 0, ...options });
  t.teardown(() => server.close(500));
  return {
    server,
    directory,
    log,
    async enable(routes, backend, given = {}) {
      const cell = await buildCell(manifest(routes, given.manifest), backend, { log, firstParty: true, ...given.cell });
      for (const tenant of given.tenants ?? [null, tenantA]) directory.cells.set(`${cell.pluginId} ${tenant ?? '-'}`, cell);
      return cell;
    },
    async listen() {
      const url = await server.listen();
      return { url, port: Number(new URL(url).port) };
    },
  };
}

/** A folder with one route file, as a module would have. */
export async function routeFolder(t: Teardown, files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'proofpix-routes-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  for (const [name, source] of Object.entries(files)) await writeFile(join(dir, name), source);
  return dir;
}

/** Sends bytes as they are and collects what comes back until the server closes, or until `enough` says so. */
export function exchange(port: number, parts: readonly string[], options: { deadlineMs?: number; enough?: (received: string) => boolean } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer in time, got: ${received}`));
    }, options.deadlineMs ?? 5_000);
    const done = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(received);
    };
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      received += chunk;
      if (options.enough?.(received) === true) done();
    });
    socket.on('close', done);
    socket.on('error', () => undefined);
    socket.on('connect', () => {
      for (const part of parts) socket.write(part, 'latin1');
    });
  });
}

/** Polls a condition; rejects at the deadline. */
export async function until(condition: () => boolean, what: string, deadlineMs = 30_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`still waiting for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
