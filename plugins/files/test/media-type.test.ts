import t from 'tap';
import { isTypeMismatch } from '../services/media-type.ts';

t.test('contradictions', async (test) => {
  for (const [declared, found] of [['application/pdf', 'image/jpeg'], ['image/png', 'image/jpeg'], ['image/jpeg', 'application/zip'], ['application/zip', 'image/png']] as const) test.ok(isTypeMismatch(declared, found), `${declared} ${found}`);
});

t.test('none where nothing was said, in generic words, or by another name', async (test) => {
  const agreeing: [string | null, string][] = [
    [null, 'image/jpeg'],
    ['', 'image/jpeg'],
    ['application/octet-stream', 'image/jpeg'],
    ['image/jpeg', 'application/octet-stream'],
    ['IMAGE/JPG', 'image/jpeg'],
    ['text/plain; charset=utf-8', 'text/plain'],
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'application/zip'],
    ['image/heif', 'image/heic'],
  ];
  for (const [declared, found] of agreeing) test.notOk(isTypeMismatch(declared, found), `${declared} ${found}`);
});
