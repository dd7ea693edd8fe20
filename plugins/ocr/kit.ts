import { imagesRendering } from '@proofpix/plugin-images/contract';
import { parsersPages } from '@proofpix/plugin-parsers/contract';
import { pluginKit } from '@proofpix/sdk';
import { Settings } from './settings.ts';

export const services = { pictures: imagesRendering, pages: parsersPages };

const kit = pluginKit({ services, settings: Settings });

export const { provide } = kit;
export type OcrContext = typeof kit.Context;
