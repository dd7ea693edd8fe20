import { PluginError } from '@proofpix/sdk';
import { createHarness, type Harness } from '@proofpix/sdk/testing';
import plugin from '../plugin.ts';

export const fileId = '018f0000-0000-7000-8000-0000000000f1';
export const runId = '018f0000-0000-4000-8000-0000000000a1';
export const run = { documentId: fileId, fileId, runId };

export const requested = {
  name: 'files.process-requested',
  payload: { ...run, filename: 'a.jpg', mimeType: 'image/jpeg', sizeBytes: 1, sha256: '0'.repeat(64), options: { extractMetadata: true } },
};

/** `files.documents` as a test wants it: content to open, or an error; and how often it was asked. */
export interface Documents {
  content: Uint8Array;
  mimeType: string;
  failWith: { code: string; kind: 'not-found' | 'conflict' | 'unavailable' } | null;
  opened: number;
}

export function harnessWith(documents: Partial<Documents> = {}): { h: Harness; documents: Documents } {
  const state: Documents = { content: new Uint8Array(), mimeType: 'image/jpeg', failWith: null, opened: 0, ...documents };
  const h: Harness = createHarness(plugin, {
    as: { role: 'member' },
    services: {
      'files.documents': {
        async open(input: { fileId: string; runId?: string }) {
          state.opened += 1;
          if (state.failWith !== null) throw new PluginError({ ...state.failWith, message: 'not now' });
          const { handle, file } = await h.shareFile(state.content, { mimeType: state.mimeType });
          return { fileId: input.fileId, filename: 'a.jpg', mimeType: state.mimeType, sizeBytes: file.sizeBytes, sha256: file.sha256, declaredType: null, typeMismatch: false, handle };
        },
      },
    },
  });
  return { h, documents: state };
}

export const names = (h: Harness): string[] => h.events.map((event) => event.name.replace('document-intelligence.', ''));
