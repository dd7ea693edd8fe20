import { serveThread } from '../lanes/serve-thread.ts';

/** A stand-in for a parser that a hostile file holds up, as it is ordered. */
serveThread((order: 'loop' | 'print' | 'hoard' | 'crash' | 'throw' | 'answer') => {
  if (order === 'loop') for (;;);
  if (order === 'hoard') {
    const hoard: unknown[] = [];
    for (;;) hoard.push(Array.from({ length: 10_000 }, (_, at) => ({ at })));
  }
  if (order === 'crash') process.exit(3);
  if (order === 'print') process.stderr.write('the content of a file\n');
  if (order === 'throw') throw new Error('not this file');
  return order;
});
