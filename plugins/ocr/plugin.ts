import { definePlugin } from '@proofpix/sdk';
import { services } from './kit.ts';
import { recognition } from './services/recognition.ts';
import { Settings } from './settings.ts';

/** The part that needs Tesseract, kept apart so that whoever wants its words can still run in the sandbox. */
export default definePlugin({
  id: 'ocr',
  version: '1.0.0',
  title: 'Text recognition',
  description: 'Reads the text in pictures and scanned pages, for other plugins.',
  // without `parsers` pictures are read, and pages of PDF files are not
  dependencies: { images: { range: '^1.1.0' }, parsers: { range: '^1.0.0', optional: true } },
  capabilities: ['files:read'],
  settings: Settings,
  services,
  // pictures cross the wall as base64
  limits: { bytes: 67_108_864 },
  parts: [recognition],
});
