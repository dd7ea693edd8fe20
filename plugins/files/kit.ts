import { pluginKit } from '@proofpix/sdk';
import { collections } from './collections.ts';
import { Config } from './schemas.ts';

const kit = pluginKit({ collections, config: Config });

export const { route, job, subscriber, hook, provide } = kit;
export type FilesContext = typeof kit.Context;
