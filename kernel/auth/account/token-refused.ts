import { type PluginError, ValidationError } from '@proofpix/sdk';

/** One answer for an unknown, used, outdated token and one for something else. */
export const tokenRefused = (): PluginError =>
  ValidationError({ message: 'The link is not good, or not any more. Ask for a new one.', details: { field: 'body.token', issue: 'is unknown, was used or is too old' } });
