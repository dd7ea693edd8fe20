import { writeFileSync } from 'node:fs';
import { envExample } from './schema.ts';

writeFileSync(new URL('../env.example', import.meta.url), envExample());
