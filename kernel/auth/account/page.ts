import { createHash } from 'node:crypto';
import { escapeHtml } from '../../mail/index.ts';

/** What a form asks for beside the token. */
export interface PageField {
  /** the property in the request's body */
  name: string;
  label: string;
  type: 'text' | 'email' | 'password';
  /** the `autocomplete` attribute */
  fill: string;
}

/** One thing to do with the token. */
export interface PageForm {
  text: string;
  fields: readonly PageField[];
  button: string;
  /** relative to the page, so that it also works behind a path of the public address; `{token}` stands for the token, which is in the body otherwise */
  endpoint: string;
  /** the fields are a login; the request is made, without a body, in a session that ends with it */
  login?: boolean;
  done: string;
}

/** A page that a mail's link leads to. */
export interface TokenPage {
  title: string;
  forms: readonly PageForm[];
}

/**
 * The token is behind the #, so only this script sees it. It waits for a click: programs that look into mail follow
 * links, people press buttons.
 */
const script = `
const say = (text) => { document.querySelector('output').textContent = text; };
const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
history.replaceState(null, '', location.pathname);
async function post(path, body, session) {
  const headers = { ...(body && { 'content-type': 'application/json' }), ...(session && { authorization: 'Bearer ' + session }) };
  const reply = await fetch(path, { method: 'POST', headers, ...(body && { body: JSON.stringify(body) }) });
  const answer = reply.status === 204 ? {} : await reply.json();
  if (!reply.ok) throw new Error(answer.message);
  return answer;
}
async function send({ endpoint, login }, fields) {
  const path = endpoint.replace('{token}', encodeURIComponent(token));
  if (login === undefined) return post(path, path === endpoint ? { token, ...fields } : fields);
  const { accessToken } = await post('../api/auth/login', fields);
  if (accessToken === undefined) throw new Error('Your account has two-step login: log in where you usually do and accept there.');
  try { await post(path, undefined, accessToken); }
  finally { await post('../api/auth/logout', undefined, accessToken).catch(() => {}); }
}
for (const form of document.querySelectorAll('form')) form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  button.disabled = true;
  say('');
  try {
    await send(form.dataset, Object.fromEntries(new FormData(form)));
    for (const one of document.querySelectorAll('form')) one.hidden = true;
    say(form.dataset.done);
  } catch (error) { say(error instanceof TypeError ? 'The server cannot be reached. Try again.' : error.message); }
  button.disabled = false;
});
`;

const hashOf = (source: string): string => `'sha256-${createHash('sha256').update(source).digest('base64')}'`;

/** Nothing but that one script, which may ask this server. */
export const tokenPagePolicy = `default-src 'none'; script-src ${hashOf(script)}; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

const inputOf = ({ name, label, type, fill }: PageField): string => `<p><label>${escapeHtml(label)} <input type="${type}" name="${name}" autocomplete="${fill}" required maxlength="${type === 'password' ? 1024 : 254}"></label></p>\n`;

const formOf = ({ text, fields, button, endpoint, login, done }: PageForm): string => `<form data-endpoint="${escapeHtml(endpoint)}"${login === true ? ' data-login' : ''} data-done="${escapeHtml(done)}">
<p>${escapeHtml(text)}</p>
${fields.map(inputOf).join('')}<p><button>${escapeHtml(button)}</button></p>
</form>
`;

export function tokenPage({ title, forms }: TokenPage): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer"><title>${escapeHtml(title)}</title></head>
<body>
<h1>${escapeHtml(title)}</h1>
${forms.map(formOf).join('')}<p><output role="status"></output></p>
<noscript><p>This page needs JavaScript.</p></noscript>
<script>${script}</script>
</body>
</html>
`;
}
