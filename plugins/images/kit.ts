import { pluginKit } from '@proofpix/sdk';

const kit = pluginKit();

export const { provide } = kit;
export type ImagesContext = typeof kit.Context;
