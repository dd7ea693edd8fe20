import { pluginKit } from '@proofpix/sdk';

const kit = pluginKit();

export const { job, provide } = kit;
export type ParsersContext = typeof kit.Context;
