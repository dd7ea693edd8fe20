import { pluginKit } from '@proofpix/sdk';
import { collections } from './collections.ts';

const kit = pluginKit({ collections });

export const { route, job, subscriber, hook, provide } = kit;
export type FilesContext = typeof kit.Context;
