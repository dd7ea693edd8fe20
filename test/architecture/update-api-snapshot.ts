import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { apiSnapshot } from './api-snapshot.ts';

const root = path.resolve(import.meta.dirname, '../..');
await writeFile(path.join(root, 'sdk/api-snapshot.txt'), await apiSnapshot(root));
