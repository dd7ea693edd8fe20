import { decodeHtml } from './decode-html.ts';
import { createTextFlow } from './text-flow.ts';

/** Elements that stand on lines of their own. */
const blocks = new Set(
  'address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav ol optgroup option p pre search section summary table tbody textarea tfoot thead title tr ul'.split(' '),
);
const cells = new Set(['td', 'th']);
/** Elements whose content is no text to read (HTML, section 13.1.2), with how each ends. */
const skipped = new Map(['script', 'style', 'template', 'iframe', 'noembed', 'noframes', 'object', 'applet'].map((name) => [name, new RegExp(`</${name}[\\s/>]`, 'gi')]));

const tagName = /^<\/?([A-Za-z][^\s/>]*)/;

/** Behind the tag that begins at `at`; a quoted `>` does not end it, unless its quote is never closed. */
function endOfTag(html: string, at: number): number {
  const plain = html.indexOf('>', at);
  if (plain < 0) return html.length;
  const tag = html.slice(at, plain);
  if (!tag.includes('"') && !tag.includes("'")) return plain + 1;
  const limit = Math.min(html.length, at + 65_536);
  for (let end = at + 1, quote = ''; end < limit; end += 1) {
    const character = html[end] as string;
    if (quote !== '') quote = character === quote ? '' : quote;
    else if ((character === '"' || character === "'") && /=\s*$/.test(html.slice(Math.max(at, end - 8), end))) quote = character;
    else if (character === '>') return end + 1;
  }
  return plain + 1;
}

/**
 * What a browser would show of a page, roughly: without a tree, so that depth and size cost nothing more. Nothing is
 * fetched or run.
 */
export function htmlToPlain(html: string, maxCharacters: number): string {
  const flow = createTextFlow();
  let preformatted = 0;

  function text(raw: string): void {
    const decoded = decodeHtml(raw).replaceAll('\u00a0', ' ');
    if (preformatted > 0) {
      for (const [at, line] of decoded.split('\n').entries()) {
        if (at > 0) flow.gap('\n');
        flow.text(line);
      }
      return;
    }
    if (/^\s/.test(decoded)) flow.gap(' ');
    flow.text(decoded.trim().replaceAll(/\s+/g, ' '));
    if (/\s$/.test(decoded)) flow.gap(' ');
  }

  for (let at = 0; at < html.length && flow.length <= maxCharacters; ) {
    const open = html.indexOf('<', at);
    text(html.slice(at, open < 0 ? html.length : open));
    if (open < 0) break;
    if (html.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open + 4);
      at = end < 0 ? html.length : end + 3;
      continue;
    }
    const name = tagName.exec(html.slice(open, open + 40))?.[1]?.toLowerCase();
    if (name === undefined) {
      // `<!doctype`, `<?xml` and `<![CDATA[`; any other `<` is meant as one.
      const isMarkup = html[open + 1] === '!' || html[open + 1] === '?' || html[open + 1] === '/';
      if (!isMarkup) flow.text('<');
      at = isMarkup ? endOfTag(html, open) : open + 1;
      continue;
    }
    const isClosing = html[open + 1] === '/';
    at = endOfTag(html, open);
    const end = isClosing || html[at - 2] === '/' ? undefined : skipped.get(name);
    if (end !== undefined) {
      end.lastIndex = at;
      at = end.test(html) ? endOfTag(html, end.lastIndex - 1) : html.length;
    } else if (name === 'pre' || name === 'textarea') preformatted = Math.max(0, preformatted + (isClosing ? -1 : 1));
    if (blocks.has(name)) flow.gap('\n');
    else if (cells.has(name) && isClosing) flow.gap('\t');
  }
  return flow.toString();
}
