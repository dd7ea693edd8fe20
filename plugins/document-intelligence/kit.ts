import { filesDocuments, filesProcessing, filesTexts, filesUploads } from '@proofpix/plugin-files/contract';
import { imagesRedaction } from '@proofpix/plugin-images/contract';
import { ocrRecognition } from '@proofpix/plugin-ocr/contract';
import { parsersMetadata, parsersPrivacy, parsersStructure, parsersText } from '@proofpix/plugin-parsers/contract';
import { scannerMalware } from '@proofpix/plugin-scanner/contract';
import { pluginKit, type TransactionContext } from '@proofpix/sdk';
import { collections } from './collections.ts';
import { Config } from './schemas.ts';

export const services = {
  documents: filesDocuments,
  processing: filesProcessing,
  texts: filesTexts,
  uploads: filesUploads,
  metadata: parsersMetadata,
  text: parsersText,
  structure: parsersStructure,
  privacy: parsersPrivacy,
  recognition: ocrRecognition,
  malware: scannerMalware,
  redaction: imagesRedaction,
};

const kit = pluginKit({ collections, services, config: Config });

export const { job, provide, route, subscriber } = kit;
export type IntelligenceContext = typeof kit.Context;
export type IntelligenceTransaction = TransactionContext<typeof collections>;
