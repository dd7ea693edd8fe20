import { imagesThumbnails } from '@proofpix/plugin-images/contract';
import { parsersPages, parsersPrivacy } from '@proofpix/plugin-parsers/contract';
import { scannerMalware } from '@proofpix/plugin-scanner/contract';
import { pluginKit } from '@proofpix/sdk';
import { collections } from './collections.ts';
import { Config, Settings } from './schemas.ts';

/** Of plugins that need not be there. */
export const services = { malware: scannerMalware, thumbnails: imagesThumbnails, pages: parsersPages, privacy: parsersPrivacy };

const kit = pluginKit({ collections, config: Config, services, settings: Settings });

export const { route, job, subscriber, hook, provide } = kit;
export type FilesContext = typeof kit.Context;
