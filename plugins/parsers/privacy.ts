import { parsersPrivacy } from './contract.ts';
import { provide } from './kit.ts';
import { redactPdf } from './redact/redact-service.ts';
import { strip } from './strip/strip.ts';

export const privacy = provide(parsersPrivacy, { strip, redactPdf });
