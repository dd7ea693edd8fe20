export type { ApiKeys, KeyWithSecret, NewKey } from './api-keys.ts';
export { keyOf } from './key-check.ts';
export { holderOf } from './key-rights.ts';
export type { KeyView } from './key-view.ts';
export { type OpenKeys, openKeys } from './open-keys.ts';
