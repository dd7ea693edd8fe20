import { plugins } from '../config/plugins.ts';
import { ConfigurationError, readSettings } from '../config/schema.ts';
import { boot, type Kernel } from './boot.ts';
import { createLogger } from './observability/index.ts';

/** Boots from the environment. Exits 0 after SIGTERM or SIGINT, 1 when it cannot boot. */

function fail(error: unknown): never {
  const text = error instanceof ConfigurationError ? error.message : `ProofPix cannot start: ${error instanceof Error ? error.message : String(error)}`;
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

function welcome(kernel: Kernel): void {
  const lines = [`ProofPix is ready at ${kernel.url}`, `API reference:       ${kernel.url}/docs`];
  if (kernel.setupToken !== null) lines.push(`Setup token:         ${kernel.setupToken}   (POST /api/auth/setup makes the first operator)`);
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}

try {
  const settings = readSettings(process.env);
  const log = createLogger({ level: settings.LOG_LEVEL });
  const kernel = await boot({ settings, entries: plugins, log });
  welcome(kernel);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'draining');
      kernel.close().then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
    });
  }
} catch (error) {
  fail(error);
}
