import t from 'tap';
import { crc32 } from '../../services/security/crc32.ts';
import { findSecrets } from '../../services/security/find-secrets.ts';

const codes = (text: string): string[] => findSecrets(text).map(({ code }) => code.replace('SECRET_', ''));
/** Put together, so that nobody who scans this repository for secrets finds any. */
const joined = (...parts: string[]): string => parts.join('');

t.test('what only looks like one', async (test) => {
  const none = [
    'AKIAAAAAAAAAAAAAAAAA',
    joined('ghp', '_', 'zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18'),
    'password: changeme',
    'password = "your-password-here"',
    'api_key: ${API_KEY}',
    'secret: aaaaaaaaaaaaaaaa',
    'https://example.org:8080/path@home',
    'mongodb://user:password@localhost/db',
    'eyJhbGciOiJIUzI1NiJ9x.eyJhIjoxfQ.short',
    'The password is needed at the door.',
    '-----BEGIN PUBLIC KEY-----',
  ];
  for (const text of none) test.same(codes(text), [], text);
});

t.test('each kind', async (test) => {
  const some: [string, string][] = [
    ['AWS_ACCESS_KEY', joined('AKIA', 'Q3EGUZ7NDYXW4KLM')],
    ['AWS_SECRET_KEY', joined('aws_secret_access_key = ', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzKEY1')],
    ['GITHUB_TOKEN', joined('ghp', '_', 'zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17')],
    ['SLACK_TOKEN', joined('xoxb', '-123456789012-', '1234567890123-AbCdEfGhIjKlMnOpQrStUvWx')],
    ['STRIPE_KEY', joined('sk', '_live_', '4eC39HqLyjWDarjtT1zdp7dc')],
    ['STRIPE_TEST_KEY', joined('sk', '_test_', '4eC39HqLyjWDarjtT1zdp7dc')],
    ['GOOGLE_API_KEY', joined('AI', 'zaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY')],
    ['JWT', joined('eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9', '.eyJzdWIiOiIxMjM0NTY3ODkwIn0', '.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U')],
    ['PRIVATE_KEY', joined('-----BEGIN RSA PRIVATE', ' KEY-----')],
    ['CONNECTION_STRING', 'postgres://app:tr0ub4dor@db.example.org:5432/app'],
    ['ASSIGNED_SECRET', 'client_secret: "q8Zx71LmPw02"'],
    ['ASSIGNED_SECRET', 'Passwort: Sommer2024x'],
  ];
  for (const [code, text] of some) test.same(codes(`see ${text} there`), [code], code);
  const found = findSecrets('password=hunter2xyz9 end');
  test.match(found, [{ start: 9, end: 20 }]);
});

t.test('CRC-32 of the check value', async (test) => {
  test.equal(crc32('123456789'), 0xcbf4_3926);
});

t.test('hostile texts take little time', async (test) => {
  for (const piece of ['a', 'eyJ', 'AKIA', 'aws ', '://', 'a:', 'secret=', 'password=aA1bB2cC3 ', '-----BEGIN ', 'key: ']) {
    const before = performance.now();
    findSecrets(piece.repeat(200_000 / piece.length));
    test.ok(performance.now() - before < 2000, piece);
  }
});
