export type { FanOut } from './fan-out.ts';
export { defaultLimits, type RealtimeLimits } from './limits.ts';
export { type RealtimeOptions, realtimeRoutes } from './routes.ts';
