import { scanDocument } from '../security/scan-document.ts';
import type { Step } from './step.ts';

/** Secrets, leaks, hidden parts, malware. */
export const securityStep: Step<'security'> = {
  name: 'security',
  applies: () => true,
  async run(ctx, input) {
    const { filename, mimeType } = input.document;
    return { ...(await scanDocument(ctx, { file: await input.file(), filename, mimeType, metadata: await input.resultOf('metadata'), pages: input.pages() })) };
  },
};
