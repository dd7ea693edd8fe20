import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { runCli } from '@proofpix/sdk/cli';

const root = path.resolve(import.meta.dirname, '../..');

interface Guide {
  files: Map<string, string>;
  commands: string[][];
}

/** Code blocks with a file name are files, those marked `sh` are commands. */
function parseGuide(text: string): Guide {
  const files = new Map<string, string>();
  const commands: string[][] = [];
  for (const [, language, name, content = ''] of text.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)) {
    if (name !== undefined) files.set(name, content);
    else if (language === 'sh') commands.push(...content.trim().split('\n').map((line) => line.split(' ')));
  }
  return { files, commands };
}

t.test('the authors’ guide works as it is written', async (test) => {
  const { files, commands } = parseGuide(await readFile(path.join(root, 'docs/authors.md'), 'utf8'));
  test.same([...files.keys()], ['plugin.ts', 'README.md', 'plugin.test.ts']);
  test.same(commands.map(([, , name]) => name), ['validate', 'test', 'build', 'keygen', 'sign', 'verify']);

  const folder = test.testdir();
  await writeFile(path.join(folder, 'package.json'), '{"name":"hello","version":"1.0.0","type":"module"}');
  await mkdir(path.join(folder, 'node_modules/@proofpix'), { recursive: true });
  await symlink(path.join(root, 'sdk'), path.join(folder, 'node_modules/@proofpix/sdk'));
  for (const [name, content] of files) await writeFile(path.join(folder, name), content);

  for (const [npx, program, ...args] of commands) {
    test.same([npx, program], ['npx', 'proofpix']);
    let said = '';
    const code = await runCli([...args, '--json'], { cwd: folder, out: (text) => void (said += text), error: (text) => void (said += text) });
    test.equal(code, 0, `${args.join(' ')}: ${said}`);
    test.match(JSON.parse(said), { ok: true, command: args[0] });
  }
});
