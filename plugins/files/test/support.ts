import { createHarness, type Harness, type HarnessOptions, type Identity } from '@proofpix/sdk/testing';
import t from 'tap';
import plugin from '../plugin.ts';

/** `test/conformance` runs these scenarios a second time, in the sandbox, and names here what does that. */
const elsewhere = process.env['PROOFPIX_TEST_RUNTIME'];
const runtime: HarnessOptions = elsewhere === undefined ? {} : { dispatch: await (await import(elsewhere)).sandboxed(t, new URL('../plugin.ts', import.meta.url)) };

export const otherTenant: Identity = { tenantId: '018f0000-0000-7000-8000-0000000000ff', userId: '018f0000-0000-7000-8000-0000000000fe' };
export const otherMember: Identity = { userId: '018f0000-0000-7000-8000-0000000000cc', role: 'member' };
export const nobody: Identity = { userId: null };
/** A file that nobody has. */
export const absentId = '018f0000-0000-7000-8000-000000000000';

export const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xff, 0xd9]);

export function harness(options: HarnessOptions = {}): Harness {
  return createHarness(plugin, { as: { role: 'member' }, ...runtime, ...options });
}

/** Uploads a small JPEG and answers with its record. */
export async function uploaded(h: Harness, options: { processImmediately?: boolean; extractMetadata?: boolean } = {}, as?: Identity): Promise<{ id: string; runId: string }> {
  const { status, body } = await h.request('POST', '/api/files/upload', { files: [{ field: 'file', filename: 'a.jpg', mimeType: 'image/jpeg', content: jpeg }], body: { options }, ...(as === undefined ? {} : { as }) });
  if (status !== 201) throw new Error(`the upload answered ${status}`);
  const request = h.events.findLast((event) => event.name === 'files.process-requested' && event.payload.fileId === body.id);
  return { id: body.id, runId: String(request?.payload.runId ?? '') };
}

export const names = (h: Harness): string[] => h.events.map((event) => event.name);
