/** What a mail to a person is made of. All of it is plain text; {@link compose} makes the HTML. */
export interface Letter {
  subject: string;
  /** a first name as the person gave it, or null */
  name: string | null;
  paragraphs: readonly string[];
  /** the one thing to do, after the first paragraph */
  action?: { label: string; url: string };
}

export interface ComposedLetter {
  subject: string;
  text: string;
  html: string;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as HTML shows it, in an element or a quoted attribute. */
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] as string);

/**
 * Whoever registers somebody else's address chooses the name in the mail that follows: a name that could pass for
 * text of ours, or that mail programs turn into a link, is left out.
 */
const plainName = /^[\p{L}\p{M}'’ -]{1,40}$/u;

function greetingOf(name: string | null): string {
  return name !== null && plainName.test(name) ? `Hello ${name},` : 'Hello,';
}

/** A letter as text and as HTML without styles, images or anything else that is loaded. */
export function compose({ subject, name, paragraphs, action }: Letter): ComposedLetter {
  const greeting = greetingOf(name);
  const [first = '', ...rest] = paragraphs;
  const link = action === undefined ? [] : [action];
  const text = [greeting, first, ...link.map(({ label, url }) => `${label}:\n${url}`), ...rest].join('\n\n');
  const html = [
    ...[greeting, first].map((line) => `<p>${escapeHtml(line)}</p>`),
    ...link.map(({ label, url }) => `<p><a href="${escapeHtml(url)}">${escapeHtml(label)}</a><br>${escapeHtml(url)}</p>`),
    ...rest.map((line) => `<p>${escapeHtml(line)}</p>`),
  ].join('\n');
  return { subject, text: `${text}\n`, html: `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>\n<body>\n${html}\n</body></html>\n` };
}
