import type { MetadataReport, TextReport } from '@proofpix/plugin-parsers/contract';
import { PluginError, type Json } from '@proofpix/sdk';
import { createHarness, type Harness, type HarnessOptions, type Identity } from '@proofpix/sdk/testing';
import t from 'tap';
import plugin from '../plugin.ts';

/** `test/conformance` runs these scenarios a second time, in the sandbox, and names here what does that. */
const elsewhere = process.env['PROOFPIX_TEST_RUNTIME'];
export const runtime: HarnessOptions = elsewhere === undefined ? {} : { dispatch: await (await import(elsewhere)).sandboxed(t, new URL('../plugin.ts', import.meta.url)) };

/** The harness's clock does not reach into the sandbox. */
export const clockIsReal = elsewhere !== undefined;

export const fileId = '018f0000-0000-7000-8000-0000000000f1';
export const runId = '018f0000-0000-4000-8000-0000000000a1';
export const run = { documentId: fileId, fileId, runId };
export const otherTenant: Identity = { tenantId: '018f0000-0000-7000-8000-0000000000ff', userId: '018f0000-0000-7000-8000-0000000000fe' };

export const requested = {
  name: 'files.process-requested',
  payload: { ...run, filename: 'a.jpg', mimeType: 'image/jpeg', sizeBytes: 1, sha256: '0'.repeat(64), options: { extractMetadata: true } },
};

/** A request for another document. */
export const requestFor = (mimeType: string, more: { sizeBytes?: number; filename?: string; options?: { extractMetadata: boolean; ocr?: 'auto' | 'off' | 'force' } } = {}) => ({ ...requested, payload: { ...requested.payload, mimeType, ...more } });

export const metadataReport: MetadataReport = {
  status: 'ok',
  image: { width: 40, height: 30, displayWidth: 40, displayHeight: 30, orientation: 1, format: 'jpeg', colorSpace: 'srgb', channels: 3, bitsPerSample: 8, hasAlpha: false, densityDpi: 72, pages: 1 },
  capture: null,
  camera: { make: 'Acme', model: 'One', lens: null, software: null },
  exposure: null,
  description: null,
  gps: { latitude: 55.038756, longitude: 8.457191, altitudeMetres: null, headingDegrees: null, accuracyMetres: null },
  place: { label: 'List, Germany', name: 'List', district: null, region: null, country: 'Germany', countryCode: 'DE', distanceKm: 1 },
  edits: [],
  tags: { IFD0: { Make: 'Acme' } },
  warnings: [],
};

export const textReport = (pages: readonly string[], more: Partial<TextReport> = {}): TextReport => ({
  status: 'ok',
  pages: pages.map((text, at) => ({ page: at + 1, text })),
  pageCount: pages.length,
  withoutText: [],
  truncated: false,
  attachments: [],
  warnings: [],
  ...more,
});

/** Thrown by a stub as another plugin would throw it. */
export const failure = (code: string, kind: 'not-found' | 'conflict' | 'unavailable' | 'invalid' | 'internal' = 'unavailable', details?: Record<string, Json>) => new PluginError({ code, kind, message: 'not now', ...(details === undefined ? {} : { details }) });
/** What the host says when a plugin is not enabled. */
export const missing = () => failure('UNAVAILABLE', 'unavailable', { dependency: 'another' });

/** What surrounds the plugin in a test: change what a plugin answers by replacing it. */
export interface World {
  h: Harness;
  /** Pages as `files` has them. */
  pages: Map<number, { text: string; source: 'file' | 'ocr' }>;
  /** Methods of other plugins, in the order they were called, by the service's id. */
  calls: string[];
  answers: Record<string, (input: never) => unknown>;
}

const page = (text: string) => ({ text, confidence: 0.9, words: [], width: 10, height: 10, language: 'eng' });

export function world(options: HarnessOptions = {}): World {
  const pages: World['pages'] = new Map();
  const calls: string[] = [];
  const answers: World['answers'] = {
    'files.documents.open': async (input: { fileId: string }) => {
      const { handle, file } = await h.shareFile('content', { mimeType: 'image/jpeg' });
      return { fileId: input.fileId, filename: 'a.jpg', mimeType: 'image/jpeg', sizeBytes: 1, sha256: file.sha256, declaredType: null, typeMismatch: false, handle };
    },
    'files.processing.start': () => ({ runId }),
    'files.processing.cancel': () => ({ cancelled: true }),
    'files.texts.store': (input: { clear: boolean; pages: { page: number; text: string; source: 'file' | 'ocr' }[] }) => {
      if (input.clear) pages.clear();
      for (const { page: number, text, source } of input.pages) pages.set(number, { text, source });
      return { stored: input.pages.length };
    },
    'files.texts.read': ({ firstPage }: { firstPage: number }) => ({ pages: [...pages].filter(([number]) => number >= firstPage).toSorted(([a], [b]) => a - b).map(([number, kept]) => ({ page: number, ...kept })), nextPage: null }),
    'parsers.metadata.read': () => metadataReport,
    'parsers.text.read': () => textReport(['What is written on the first page.']),
    'parsers.structure.inspect': () => ({ status: 'ok', findings: [], warnings: [] }),
    'parsers.privacy.redactPdf': () => Promise.reject(missing()),
    'images.redaction.cover': () => Promise.reject(missing()),
    'files.uploads.add': () => Promise.reject(missing()),
    'ocr.recognition.read': () => page('recognised'),
    'scanner.malware.scan': () => ({ verdict: 'clean', signature: null, reason: null, engine: 'test' }),
  };
  const services: Record<string, Record<string, (input: never) => unknown>> = {};
  for (const name of Object.keys(answers)) {
    const at = name.lastIndexOf('.');
    (services[name.slice(0, at)] ??= {})[name.slice(at + 1)] = (input) => {
      calls.push(name);
      return answers[name]?.(input);
    };
  }
  const h: Harness = createHarness(plugin, { as: { role: 'member' }, ...runtime, services, ...options });
  return { h, pages, calls, answers };
}

/** The reports so far. */
export const names = (h: Harness): string[] => h.events.map((event) => event.name.replace('document-intelligence.', ''));
