import type { ChildProcess } from 'node:child_process';

const running = new Set<ChildProcess>();
const killAll = (): void => {
  for (const child of running) child.kill('SIGKILL');
};

/** One that hangs on a file would not notice that this process ends. */
export function endWithProcess(child: ChildProcess): void {
  if (running.size === 0) {
    process.off('exit', killAll);
    process.on('exit', killAll);
  }
  running.add(child);
  child.once('exit', () => running.delete(child));
}
