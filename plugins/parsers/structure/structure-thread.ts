import { serveThread } from '../lanes/serve-thread.ts';
import { inspectContent } from './inspect-content.ts';
import type { StructureAnswer, StructureRequest } from './messages.ts';

serveThread<StructureRequest, StructureAnswer>(inspectContent);
