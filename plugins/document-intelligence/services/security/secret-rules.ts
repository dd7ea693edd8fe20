import { crc32 } from './crc32.ts';
import { entropyBits } from './entropy.ts';

/** One kind of secret: its shape, and what has to hold beyond that. */
export interface SecretRule {
  /** In the finding's code, `SECRET_<NAME>`. */
  name: string;
  title: string;
  severity: 'medium' | 'high';
  /** Global; every repeat is bounded. The group `secret`, or the whole match. */
  pattern: RegExp;
  isValid?: (secret: string) => boolean;
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const mixedEnough = (least: number) => (secret: string): boolean => entropyBits(secret) >= least;

/** GitHub's tokens of 2021 and later end in six base-62 digits of the CRC-32 of the thirty before (GitHub blog, 5 April 2021). */
function hasChecksum(token: string): boolean {
  const body = token.slice(token.indexOf('_') + 1);
  let rest = crc32(body.slice(0, -6));
  let digits = '';
  for (let place = 0; place < 6; place += 1) {
    digits = base62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return body.slice(-6) === digits;
}

/** Three parts of base64url, the first of them JSON with an algorithm (RFC 7515). */
function isJwt(token: string): boolean {
  try {
    const header: unknown = JSON.parse(atobUrl(token.slice(0, token.indexOf('.'))));
    return typeof header === 'object' && header !== null && 'alg' in header;
  } catch {
    return false;
  }
}

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
function atobUrl(text: string): string {
  let out = '';
  let value = 0;
  let bits = 0;
  for (const character of text) {
    value = ((value << 6) | base64.indexOf(character)) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += String.fromCharCode((value >>> bits) & 0xff);
    }
  }
  return out;
}

const placeholder = /^(?:x{4,}|\*{3,}|\.{3,}|<.{0,60}>|\$\{.{0,60}\}|\{\{.{0,60}\}\}|your.{0,60}|example.{0,60}|changeme|password|secret|none|null|undefined|true|false|todo|test|process\.env.{0,60}|os\.environ.{0,60}|env\..{0,60}|getenv.{0,60})$/i;
const edge = '(?![A-Za-z0-9])';
const start = '(?<![A-Za-z0-9])';
const of = (source: string, flags = 'g'): RegExp => new RegExp(source, flags);

export const secretRules: readonly SecretRule[] = [
  { name: 'PRIVATE_KEY', title: 'A private key', severity: 'high', pattern: of('-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----') },
  { name: 'AWS_ACCESS_KEY', title: 'An access key id of Amazon Web Services', severity: 'high', pattern: of(`${start}(?:AKIA|ASIA)[A-Z2-7]{16}${edge}`), isValid: mixedEnough(2.5) },
  { name: 'AWS_SECRET_KEY', title: 'A secret key of Amazon Web Services', severity: 'high', pattern: of('aws.{0,20}?(?:secret|sk).{0,20}?[=:"\'\\s](?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])', 'gi'), isValid: mixedEnough(4) },
  { name: 'GITHUB_TOKEN', title: 'A token of GitHub', severity: 'high', pattern: of(`${start}gh[pousr]_[A-Za-z0-9]{36}${edge}`), isValid: hasChecksum },
  { name: 'GITHUB_TOKEN', title: 'A fine-grained token of GitHub', severity: 'high', pattern: of(`${start}github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}${edge}`) },
  { name: 'GITLAB_TOKEN', title: 'A token of GitLab', severity: 'high', pattern: of(`${start}glpat-[A-Za-z0-9_-]{20}(?![A-Za-z0-9_-])`), isValid: mixedEnough(3) },
  { name: 'SLACK_TOKEN', title: 'A token of Slack', severity: 'high', pattern: of(`${start}xox[abeoprs]-\\d{8,14}-[A-Za-z0-9-]{10,120}${edge}`), isValid: mixedEnough(3) },
  { name: 'SLACK_WEBHOOK', title: 'A webhook of Slack', severity: 'high', pattern: of('https://hooks\\.slack\\.com/(?:services|workflows)/T[A-Z0-9]{8,12}/[A-Z0-9]{8,12}/[A-Za-z0-9]{20,28}') },
  { name: 'STRIPE_KEY', title: 'A live key of Stripe', severity: 'high', pattern: of(`${start}[rs]k_live_[A-Za-z0-9]{20,120}${edge}`), isValid: mixedEnough(3) },
  { name: 'STRIPE_TEST_KEY', title: 'A test key of Stripe', severity: 'medium', pattern: of(`${start}[rs]k_test_[A-Za-z0-9]{20,120}${edge}`), isValid: mixedEnough(3) },
  { name: 'GOOGLE_API_KEY', title: 'An API key of Google', severity: 'high', pattern: of(`${start}AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])`), isValid: mixedEnough(3.5) },
  { name: 'GOOGLE_OAUTH_SECRET', title: 'A client secret of Google', severity: 'high', pattern: of(`${start}GOCSPX-[A-Za-z0-9_-]{28}(?![A-Za-z0-9_-])`) },
  { name: 'SENDGRID_KEY', title: 'A key of SendGrid', severity: 'high', pattern: of(`${start}SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])`) },
  { name: 'TWILIO_KEY', title: 'A key of Twilio', severity: 'high', pattern: of(`${start}SK[0-9a-f]{32}${edge}`), isValid: mixedEnough(3) },
  { name: 'NPM_TOKEN', title: 'A token of npm', severity: 'high', pattern: of(`${start}npm_[A-Za-z0-9]{36}${edge}`), isValid: hasChecksum },
  { name: 'OPENAI_KEY', title: 'A key of OpenAI', severity: 'high', pattern: of(`${start}sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,80}T3BlbkFJ[A-Za-z0-9_-]{20,80}`) },
  { name: 'ANTHROPIC_KEY', title: 'A key of Anthropic', severity: 'high', pattern: of(`${start}sk-ant-(?:api|admin)\\d{2}-[A-Za-z0-9_-]{80,120}`) },
  { name: 'AZURE_STORAGE_KEY', title: 'A key of Azure Storage', severity: 'high', pattern: of('AccountKey=(?<secret>[A-Za-z0-9+/]{86}==)') },
  { name: 'JWT', title: 'A JSON Web Token', severity: 'medium', pattern: of(`${start}eyJ[A-Za-z0-9_-]{8,2000}\\.eyJ[A-Za-z0-9_-]{8,4000}\\.[A-Za-z0-9_-]{16,1000}`), isValid: isJwt },
  { name: 'CONNECTION_STRING', title: 'An address with its password', severity: 'high', pattern: of("(?<![A-Za-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://[^\\s:@/\"'<>]{1,100}:(?<secret>[^\\s@/\"'<>]{3,200})@[A-Za-z0-9.-]{1,253}", 'gi'), isValid: (secret) => !placeholder.test(secret) },
  {
    name: 'ASSIGNED_SECRET',
    title: 'A password or key written down beside its name',
    severity: 'medium',
    pattern: of("(?<![A-Za-z])(?:api[_-]?key|apikey|secret(?:[_-]?key)?|client[_-]?secret|access[_-]?token|auth[_-]?token|private[_-]?key|passw(?:or)?d|pwd|passwort|kennwort|contraseña|mot de passe)[\"']?\\s{0,3}(?::=|=>|=|:)\\s{0,3}[\"'`]?(?<secret>[^\\s\"'`,;<>]{8,200})", 'gi'),
    isValid: (secret) => !placeholder.test(secret) && /\d/.test(secret) && /[A-Za-z]/.test(secret) && entropyBits(secret) >= 3,
  },
];
