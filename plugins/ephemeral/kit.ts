import { documentIntelligenceText } from '@proofpix/plugin-document-intelligence/contract';
import { ocrRecognition } from '@proofpix/plugin-ocr/contract';
import { parsersMetadata, parsersStructure, parsersText } from '@proofpix/plugin-parsers/contract';
import { confined, pluginKit } from '@proofpix/sdk';
import { collections } from './collections.ts';

/** All confined: whoever looks at ephemeral content may neither keep it nor send it anywhere. */
export const services = {
  metadata: confined(parsersMetadata),
  structure: confined(parsersStructure),
  text: confined(parsersText),
  recognition: confined(ocrRecognition),
  analysis: confined(documentIntelligenceText),
};

const kit = pluginKit({ collections, services });

export const { job, route, subscriber } = kit;
export type EphemeralContext = typeof kit.Context;
