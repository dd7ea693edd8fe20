import { serveProcess } from '../lanes/serve-process.ts';
import type { TextAnswer, TextRequest } from './messages.ts';
import { readText } from './read-text.ts';

serveProcess<TextRequest, TextAnswer>(readText);
