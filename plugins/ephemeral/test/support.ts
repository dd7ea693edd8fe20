import type { Json } from '@proofpix/sdk';
import { createHarness, type Harness, type HarnessOptions, type Identity, type ServiceStubs } from '@proofpix/sdk/testing';
import t from 'tap';
import plugin from '../plugin.ts';

/** `test/conformance` runs these scenarios a second time, in the sandbox, and names here what does that. */
const elsewhere = process.env['PROOFPIX_TEST_RUNTIME'];
const runtime: HarnessOptions = elsewhere === undefined ? {} : { dispatch: await (await import(elsewhere)).sandboxed(t, new URL('../plugin.ts', import.meta.url)) };

export const otherTenant: Identity = { tenantId: '018f0000-0000-7000-8000-0000000000ff', userId: '018f0000-0000-7000-8000-0000000000fe' };
export const colleague: Identity = { userId: '018f0000-0000-7000-8000-0000000000cc', role: 'member' };
export const admin: Identity = { userId: '018f0000-0000-7000-8000-0000000000dd', role: 'admin' };
export const absentId = '018f0000-0000-7000-8000-000000000000';

const page = (text: string) => ({ status: 'ok', pages: [{ page: 1, text }], pageCount: 1, withoutText: [], truncated: false, attachments: [], warnings: [] });
export const metadata = { status: 'ok', image: null, capture: null, camera: null, exposure: null, description: null, gps: null, place: null, edits: [], tags: {}, warnings: [] };
const word = { text: 'read', confidence: 1, start: 0, end: 4, x: 0, y: 0, width: 1, height: 1 };
const analysis = {
  language: { language: 'en', confidence: 1 },
  classification: { label: 'letter', confidence: 1, candidates: [], reasons: [], learned: false },
  entities: [{ type: 'person', start: 5, end: 8, text: 'Ann', score: 1, validator: 'given-name', context: null }],
  counts: { person: 1 },
  truncated: false,
  personalData: { categories: [], people: 1 },
  secrets: [],
};

/** What the services answer, unless a test says otherwise; `asked` has the texts that were analysed. */
export function services(asked: string[] = []): ServiceStubs {
  return {
    'parsers.metadata': { read: () => metadata },
    'parsers.structure': { inspect: () => ({ status: 'ok', findings: [], warnings: [] }) },
    'parsers.text': { read: () => page('Dear Ann') },
    'ocr.recognition': { read: ({ page: number }: { page: number }) => ({ text: `read off page ${number}`, confidence: 1, words: [word], width: 1, height: 1, language: 'eng' }) },
    'document-intelligence.text': {
      analyse({ text }: { text: string }) {
        asked.push(text);
        return analysis as unknown as Json;
      },
    },
  };
}

export function harness(options: HarnessOptions = {}): Harness {
  return createHarness(plugin, { as: { role: 'member' }, services: services(), nowMs: Date.now(), ...runtime, ...options });
}

export const letter = { field: 'file', filename: 'letter.txt', mimeType: 'text/plain', content: 'Dear Ann' };

/** Begins a session and lets it run. */
export async function processed(h: Harness, options: object = {}, file = letter, as?: Identity): Promise<{ id: string; scratchId: string }> {
  const { status, body } = await h.request('POST', '/api/ephemeral/process', { files: [file], body: { options }, ...(as === undefined ? {} : { as }) });
  if (status !== 201) throw new Error(`process answered ${status}: ${JSON.stringify(body)}`);
  await h.runJobs();
  const record = (await h.db('sessions', 'get', [body.id])) as { scratchId: string };
  return { id: body.id, scratchId: record.scratchId };
}
