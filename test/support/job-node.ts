/** A node in a process of its own, for tests that kill it: `node job-node.ts <database URL>`. Its jobs and deliveries never end. */
import { openDatabase } from '../../kernel/database/index.ts';
import { quietLog, testMasterKey } from './database.ts';
import { openMessaging } from '../../kernel/events/open-messaging.ts';
import { delivers, runsJobs, silent, subscriber } from './messaging.ts';

const url = process.argv[2];
if (url === undefined) throw new Error('usage: node job-node.ts <database URL>');
const database = await openDatabase({ url, dataDir: '', masterKey: testMasterKey, log: quietLog, poolMax: 2 });
const node = await openMessaging({ database, log: silent, pollMs: 100 });
const forever = (): Promise<never> => new Promise(() => undefined);
const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
await node.jobs.start(
  runsJobs(({ id, attempt }) => {
    say({ running: id, attempt });
    return forever();
  }),
);
await node.events.start(
  delivers((event, attempt) => {
    say({ delivering: event.id, attempt });
    return forever();
  }, [subscriber({ retryLimit: 3 })]),
);
say({ ready: true });
