import { createHarness } from '@proofpix/sdk/testing';
import t from 'tap';
import { photo } from '../test/fixtures.ts';

// Whatever wants a temporary file finds no place for one. Set before anything asks for it.
process.env['TMPDIR'] = '/nowhere/at/all';
const { default: plugin } = await import('../plugin.ts');

t.test('of a confined call nothing reaches the disk', async (test) => {
  const h = createHarness(plugin);
  const { handle } = await h.shareFile(await photo('beijing'), { mimeType: 'image/jpeg' });
  const input = { file: handle, mimeType: 'image/jpeg', filename: 'a.jpg' };
  await test.rejects(h.serve('parsers.metadata', 'read', input), 'a usual one needs a file');
  test.match(await h.serve('parsers.metadata', 'read', input, { confined: true }), { status: 'ok', camera: { make: 'Apple' }, tags: { Apple: { RunTimeFlags: 'Valid' } } });
  test.match(await h.serve('parsers.structure', 'inspect', input, { confined: true }), { status: 'ok', findings: [{ code: 'LOCATION' }] });
});
