import type { Logger as PinoLogger } from 'pino';

/** The structured logger every module is given. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;
