import { filesDocuments } from '@proofpix/plugin-files/contract';
import { pluginKit } from '@proofpix/sdk';
import { collections } from './collections.ts';

export const services = { documents: filesDocuments };

const kit = pluginKit({ collections, services });

export const { job, route, subscriber } = kit;
export type IntelligenceContext = typeof kit.Context;
