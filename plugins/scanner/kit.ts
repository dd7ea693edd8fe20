import { pluginKit } from '@proofpix/sdk';
import { Settings } from './settings.ts';

const kit = pluginKit({ settings: Settings });

export const { provide } = kit;
export type ScannerContext = typeof kit.Context;
