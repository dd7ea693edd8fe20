export { buildCell, type CellOptions } from './cell/build-cell.ts';
export type { Cell, CellBackend, CellDirectory, RequestScope } from './contract.ts';
export { createServer, type RouteFolder, type Server, type ServerDeps } from './create-server.ts';
export type { Access } from './fastify-types.ts';
export type { ReadinessCheck } from './readiness.ts';
export { schemaProblem } from './safe-schema.ts';
export { defaultLimits, defaultServerOptions, type HttpLimits, type ServerOptions } from './server-options.ts';
