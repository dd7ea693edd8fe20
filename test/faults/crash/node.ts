/** A whole server in a process of its own, to be killed: settings come from the environment, its address goes to standard output. */
import { pino } from 'pino';
import { readSettings } from '../../../config/schema.ts';
import { boot } from '../../../kernel/boot.ts';
import { entries, fewEntries } from './entries.ts';

const kernel = await boot({ settings: readSettings(process.env), entries: process.env['PLUGINS'] === 'few' ? fewEntries : entries, log: pino({ level: process.env['LOG_LEVEL'] ?? 'silent' }, pino.destination(2)) });
process.once('SIGTERM', () => void kernel.close().then(() => process.exit(0)));
process.stdout.write(`${kernel.url}\n`);
