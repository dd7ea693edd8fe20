import { PassThrough } from 'node:stream';
import t from 'tap';
import { frame, frameSink, frameSource, maxFrameBytes, type Frame } from './frames.ts';

function bytesOf(send: (sink: ReturnType<typeof frameSink>) => void): Promise<Buffer> {
  const pipe = new PassThrough();
  const sink = frameSink(pipe);
  send(sink);
  return new Promise((resolve) => {
    pipe.once('data', (data: Buffer) => resolve(data));
  });
}

t.test('a frame over the bound is refused before it is held', async (t) => {
  const source = frameSource(() => t.fail('no frame'));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(maxFrameBytes + 100);
  t.throws(() => source(head), RangeError);
});

t.test('a frame that is too short to be one is refused', async (t) => {
  const source = frameSource(() => t.fail('no frame'));
  t.throws(() => source(Buffer.from([0, 0, 0, 2, 1, 1])), RangeError);
});

t.test('frames of one turn leave in one write and arrive whole, however they are cut', async (t) => {
  const all = await bytesOf((sink) => {
    sink.send(frame.text, 7, 200, 1, '["ü"]');
    sink.send(frame.close, 4_000_000_000, 0, 0);
    sink.send(frame.chunk, 1, 2, 3, new Uint8Array([9, 8, 7]));
  });
  for (const step of [1, 3, 16, all.length]) {
    const found: Frame[] = [];
    const source = frameSource((one) => found.push({ ...one, payload: Buffer.from(one.payload) }));
    for (let at = 0; at < all.length; at += step) source(all.subarray(at, at + step));
    t.match(found, [
      { type: frame.text, guest: 7, a: 200, b: 1 },
      { type: frame.close, guest: 4_000_000_000 },
      { type: frame.chunk, guest: 1, a: 2, b: 3 },
    ]);
    t.equal(found[0]?.payload.toString('utf8'), '["ü"]');
    t.strictSame([...(found[2]?.payload ?? [])], [9, 8, 7]);
  }
});
