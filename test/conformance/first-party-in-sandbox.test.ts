import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import t from 'tap';

/*
 * First-party plugins without native parts pass their own tests in both runtimes: in process when
 * those tests run by themselves, and here with every handler in the sandbox.
 */
const plugins = ['document-intelligence', 'ephemeral', 'files', 'teams', 'users'];
const timeoutMs = 200_000;
const runtime = new URL('../support/sandboxed.ts', import.meta.url).href;
t.setTimeout(plugins.length * timeoutMs + 10_000);

/** All test files in one process, so that they share one sandbox. */
function run(files: readonly string[]): Promise<{ code: number | null; output: string }> {
  // A run of its own, not a part of this one: only then does tap count at its end.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TAP')));
  const script = files.map((file) => `await import(${JSON.stringify(file)});`).join('\n');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--no-node-snapshot', '--input-type=module', '--eval', script], { env: { ...env, TAP_TIMEOUT: String(timeoutMs / 1000), PROOFPIX_TEST_RUNTIME: runtime }, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', reject).on('close', (code) => resolve({ code, output }));
  });
}

for (const plugin of plugins) {
  const folder = new URL(`../../plugins/${plugin}/test/`, import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.test.ts')).map((name) => new URL(name, folder).href);
  t.ok(files.length > 0, `${plugin} has tests`);
  const { code, output } = await run(files);
  const passed = Number(/pass: (\d+)/.exec(output)?.[1] ?? 0);
  t.equal(code, 0, `${plugin}: ${passed} assertions in the sandbox`);
  t.ok(passed > files.length);
  if (code !== 0) t.comment(output.slice(-5000));
}
