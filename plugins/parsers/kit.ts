import { pluginKit } from '@proofpix/sdk';

const kit = pluginKit();

export const { provide } = kit;
export type ParsersContext = typeof kit.Context;
