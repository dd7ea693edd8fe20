import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { serveProcess } from '../lanes/serve-process.ts';

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'done';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

/** A stand-in for a parser that a hostile file holds up, as it is ordered. */
serveProcess((order: 'loop' | 'hoard' | 'buffers' | 'crash' | 'throw' | 'write' | 'answer') => {
  if (order === 'loop') for (;;);
  if (order === 'hoard') {
    const hoard: unknown[] = [];
    for (;;) hoard.push(Array.from({ length: 10_000 }, (_, at) => ({ at })));
  }
  if (order === 'buffers') {
    const hoard: Uint8Array[] = [];
    for (;;) hoard.push(new Uint8Array(10_000_000).fill(1));
  }
  if (order === 'crash') process.exit(3);
  if (order === 'throw') throw new Error('not this file');
  if (order === 'write') return `${codeOf(() => writeFileSync(`${tmpdir()}/written-by-a-parser`, ''))} ${codeOf(() => spawnSync('true'))} ${codeOf(() => readFileSync('/etc/hostname'))} ${Object.keys(process.env).filter((name) => !name.startsWith('NODE_CHANNEL')).length}`;
  return order;
});
