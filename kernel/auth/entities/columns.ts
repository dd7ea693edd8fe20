import { p } from '../../database/entity.ts';

export const text = () => p.string().columnType('text');
export const moment = () => p.datetime().columnType('timestamptz');
export const createdAt = () => moment().defaultRaw('now()');
