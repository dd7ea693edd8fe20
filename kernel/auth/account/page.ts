import { createHash } from 'node:crypto';
import { escapeHtml } from '../../mail/index.ts';

/** A page that a mail's link leads to. */
export interface TokenPage {
  title: string;
  text: string;
  button: string;
  /** relative to the page, so that it also works behind a path of the public address */
  endpoint: string;
  /** asks for a new password as well */
  password: boolean;
  done: string;
}

/**
 * The token is behind the #, so only this script sees it. It waits for a click: programs that look into mail follow
 * links, people press buttons.
 */
const script = `
const form = document.querySelector('form');
const say = (text) => { document.querySelector('output').textContent = text; };
const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
history.replaceState(null, '', location.pathname);
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const field = form.elements.namedItem('password');
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    const reply = await fetch(form.dataset.endpoint, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(field ? { token, password: field.value } : { token }) });
    if (reply.ok) { form.hidden = true; say(form.dataset.done); return; }
    say((await reply.json()).message);
  } catch { say('The server cannot be reached. Try again.'); }
  button.disabled = false;
});
`;

const hashOf = (source: string): string => `'sha256-${createHash('sha256').update(source).digest('base64')}'`;

/** Nothing but that one script, which may ask this server. */
export const tokenPagePolicy = `default-src 'none'; script-src ${hashOf(script)}; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

export function tokenPage({ title, text, button, endpoint, password, done }: TokenPage): string {
  const field = password ? '<p><label>New password <input type="password" name="password" autocomplete="new-password" required maxlength="1024"></label></p>\n' : '';
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer"><title>${escapeHtml(title)}</title></head>
<body>
<h1>${escapeHtml(title)}</h1>
<form data-endpoint="${escapeHtml(endpoint)}" data-done="${escapeHtml(done)}">
<p>${escapeHtml(text)}</p>
${field}<p><button>${escapeHtml(button)}</button></p>
</form>
<p><output role="status"></output></p>
<noscript><p>This page needs JavaScript.</p></noscript>
<script>${script}</script>
</body>
</html>
`;
}
