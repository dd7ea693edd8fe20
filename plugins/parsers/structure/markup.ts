import type { Findings } from './findings.ts';
import type { Kind } from './sniff.ts';

/** Longer pages are looked at this far. */
export const maxMarkupCharacters = 8_388_608;

/** Scripts, handlers and addresses in HTML and SVG, by their marks: nothing is parsed that a browser would parse differently. */
export function inspectMarkup(text: string, kind: Kind, findings: Findings): void {
  if (/<script[\s>/]/i.test(text)) findings.add('EMBEDDED_SCRIPT', 'high', 'The page holds scripts.');
  if (/<[a-z][^<>]{0,2000}?\son[a-z]{3,30}\s{0,5}=/i.test(text)) findings.add('EMBEDDED_SCRIPT', 'high', 'Elements hold scripts that run on their own or by a click.');
  if (/(?:href|src|action|data)\s{0,5}=\s{0,5}["']?\s{0,5}(?:java|vb)script:/i.test(text)) findings.add('EMBEDDED_SCRIPT', 'high', 'Links hold scripts.');
  if (/<(?:iframe|object|embed|applet|foreignObject)[\s>]/i.test(text)) findings.add('EMBEDDED_FILE', 'medium', 'Other documents are shown inside this one.');
  if (/<form[\s>]/i.test(text) && kind === 'html') findings.add('FORM', 'low', 'The page asks for input and may send it away.');
  const loads = text.match(/<(?:img|image|script|link|iframe|use|video|audio|source|embed|feImage)\b[^<>]{0,2000}?(?:src|href)\s{0,5}=\s{0,5}["']?\s{0,5}(?:https?:)?\/\//gi);
  if (loads !== null) findings.add('EXTERNAL_REFERENCE', 'medium', `${loads.length} things are loaded from the network when the file is opened.`);
  if (/url\(\s{0,5}["']?(?:https?:)?\/\//i.test(text)) findings.add('EXTERNAL_REFERENCE', 'medium', 'Styles load things from the network when the file is opened.');
  if (/http-equiv\s{0,5}=\s{0,5}["']?refresh/i.test(text)) findings.add('EXTERNAL_REFERENCE', 'medium', 'The page leads on to another by itself.');
  if (kind === 'html' && /style\s{0,5}=\s{0,5}["'][^"']{0,500}(?:display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden)/i.test(text)) findings.add('HIDDEN_TEXT', 'low', 'Parts of the page are not shown.');
  inspectEntities(text, findings);
}

/** XML 1.0, section 4.2: entities of a DTD. They are never expanded here. */
export function inspectEntities(text: string, findings: Findings): void {
  const declared = text.match(/<!ENTITY\s/g)?.length ?? 0;
  if (declared === 0) return;
  if (/<!ENTITY\s[^>]{0,500}\s(?:SYSTEM|PUBLIC)\s/.test(text)) findings.add('EXTERNAL_REFERENCE', 'high', 'Readers of the file would be made to load other files.');
  if (/<!ENTITY\s[^>]{0,2000}(?:&[\w.:-]{1,60};[^>]{0,60}){2}/.test(text)) findings.add('ENTITY_EXPANSION', 'high', 'Entities made of entities would grow without end in a careless reader.');
  else findings.add('ENTITY_EXPANSION', 'low', `The file declares ${declared} entities.`);
}

/** Commands in RTF 1.9.1 that carry objects, fields and people. */
export function inspectRtf(text: string, findings: Findings): void {
  if (/\\objdata\b/.test(text)) findings.add('EMBEDDED_FILE', 'high', 'An object of another program is embedded.');
  else if (/\\object\b/.test(text)) findings.add('EMBEDDED_FILE', 'medium', 'The document refers to an object of another program.');
  if (/\\objupdate\b/.test(text)) findings.add('EMBEDDED_SCRIPT', 'high', 'An embedded object is started when the document is opened.');
  if (/\\\*\\template\s+(?:https?:|\\\\)/i.test(text)) findings.add('EXTERNAL_REFERENCE', 'high', 'A template is loaded from the network.');
  if (/\\fldinst\b[^{}]{0,200}\bDDE(?:AUTO)?\b/i.test(text)) findings.add('DDE', 'high', 'A field asks another program for its content.');
  if (/\\fldinst\b[^{}]{0,200}\bINCLUDE(?:PICTURE|TEXT)\b/i.test(text)) findings.add('EXTERNAL_REFERENCE', 'medium', 'A field loads its content from elsewhere.');
  if (/\\(?:revised|deleted)\b/.test(text)) findings.add('REVISIONS', 'medium', 'Changes are kept with what they replaced.');
  if (/\\annotation\b/.test(text)) findings.add('COMMENTS', 'low', 'The document holds comments.');
  if (/\\v(?:1)?[ \\{]/.test(text)) findings.add('HIDDEN_TEXT', 'medium', 'Parts of the text are hidden.');
  if (/\{\\(?:author|operator|company|manager)\s+[^}\s]/.test(text)) findings.add('AUTHOR', 'low', 'The document names its author.');
}

const dangerous = /\.(?:exe|scr|com|pif|bat|cmd|ps1|vbs?|jse?|wsf|hta|lnk|msi|jar|iso|img|docm|xlsm|pptm)\b/i;

/** Attachments of a message by their headers (RFC 2183). */
export function inspectMail(text: string, findings: Findings): void {
  for (const match of text.matchAll(/^content-(?:disposition|type):[^\r\n]{0,300}(?:\r?\n[ \t][^\r\n]{0,300}){0,3}/gim)) {
    const name = /name\*?\s{0,3}=\s{0,3}"?([^"\r\n;]{1,200})/i.exec(match[0])?.[1];
    if (name !== undefined) findings.add('EMBEDDED_FILE', dangerous.test(name) ? 'high' : 'low', dangerous.test(name) ? 'A program or script is attached.' : 'A file is attached.', name);
  }
}

/** Cells that a spreadsheet would take for commands. */
export function inspectPlain(text: string, findings: Findings): void {
  if (/(?:^|[,;\t"])\s{0,5}[=+@-][^,;\t\r\n]{0,200}(?:\bcmd\s{0,3}\||\bDDE\s{0,3}\(|\bpowershell\b)/im.test(text)) findings.add('DDE', 'high', 'A cell would start another program in a spreadsheet.');
}
