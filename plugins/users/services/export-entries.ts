import { type Bytes, type JsonObject } from '@proofpix/sdk';
import { type ExportPage, exportPoint } from '../contract.ts';
import type { UsersContext } from '../kit.ts';
import { fromBase64 } from './base64.ts';
import { maxZipBytes, maxZipEntries, type ZipEntry } from './zip.ts';

const activityPage = 200;
const maxPages = 10_000;
const packed = /\.(zip|gz|7z|jpe?g|png|webp|gif|heic|mp[34]|mov|docx|xlsx|pptx|pdf)$/i;

const readme = `Your personal data

account.json     profile, preferences, teams, sessions, API keys (never their secrets), passkeys, linked accounts, mails
activity.jsonl   what the audit log has of you, newest first, one entry a line
avatar.webp      your picture, if there is one
plugins/         what the plugins of the team hold in which you asked for this

Files and other things in another team: ask for an export there.
`;

async function* once<T>(content: T): AsyncIterable<T> {
  yield content;
}

const json = (value: unknown): AsyncIterable<string> => once(`${JSON.stringify(value, null, 2)}\n`);

async function* activityOf(ctx: UsersContext, userId: string): AsyncIterable<string> {
  let cursor: string | null = null;
  do {
    const { items, nextCursor }: { items: unknown[]; nextCursor: string | null } = await ctx.services.users.activity({ userId, limit: activityPage, cursor });
    if (items.length > 0) yield items.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    cursor = nextCursor;
  } while (cursor !== null);
}

/** Plain segments and nothing else: an archive must not write outside the folder it is unpacked into. */
function safePath(path: string): string {
  const segments = path.normalize('NFC').split(/[/\\]/).map((segment) => segment.replaceAll(/[\p{Cc}<>:"|?*]/gu, '_').replace(/^[. ]+|[. ]+$/g, '').slice(0, 150));
  return segments.filter((segment) => segment !== '').join('/') || 'unnamed';
}

/** `name (2).txt` for the second of a name; what two file systems take for one counts as one. */
function uniquePaths(): (path: string) => string {
  const taken = new Set<string>();
  return (path) => {
    const [, stem = path, extension = ''] = /^(.*?)(\.[^./]{1,10})?$/s.exec(path) ?? [];
    let candidate = path;
    for (let number = 2; taken.has(candidate.toLowerCase()); number += 1) candidate = `${stem} (${number})${extension}`;
    taken.add(candidate.toLowerCase());
    return candidate;
  };
}

async function* pluginParts(ctx: UsersContext, userId: string): AsyncIterable<ExportPage['parts'][number]> {
  for (let page = 0; page < maxPages; page += 1) {
    const asked: ExportPage = { userId, page, parts: [], more: false };
    const answered = (await ctx.hooks.run(exportPoint, asked as unknown as JsonObject)) as unknown as ExportPage;
    yield* answered.parts;
    if (!answered.more) return;
  }
}

/** Everything that belongs into the export of a person, file by file. */
export async function* exportEntries(ctx: UsersContext, userId: string): AsyncIterable<ZipEntry> {
  const unique = uniquePaths();
  yield { path: unique('README.txt'), content: once(readme), stored: false };
  yield { path: unique('account.json'), content: json((await ctx.services.users.personalData({})).data), stored: false };
  yield { path: unique('activity.jsonl'), content: activityOf(ctx, userId), stored: false };
  const avatar = await ctx.services.users.getAvatar({ userId, size: 256 });
  if (avatar !== null) yield { path: unique('avatar.webp'), content: once(fromBase64(avatar.base64)) as Bytes, stored: true };

  const leftOut: string[] = [];
  let entries = 4;
  let bytes = 0;
  for await (const { path, file, text, json: value } of pluginParts(ctx, userId)) {
    const at = `plugins/${safePath(path)}`;
    const sizeBytes = file === undefined ? 0 : (await ctx.files.stat(file)).sizeBytes;
    if (entries >= maxZipEntries || bytes + sizeBytes > maxZipBytes) {
      leftOut.push(at);
      continue;
    }
    entries += 1;
    bytes += sizeBytes;
    const content = file === undefined ? (text === undefined ? json(value ?? null) : once(text)) : ctx.files.read(file);
    yield { path: unique(at), content, stored: file !== undefined && packed.test(at) };
  }
  if (leftOut.length > 0) yield { path: unique('LEFT-OUT.txt'), content: once(`There was no room for these; download them one by one:\n\n${leftOut.join('\n')}\n`), stored: false };
}
