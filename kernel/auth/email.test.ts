import t from 'tap';
import { normaliseEmail } from './email.ts';

t.test('what no mail could be sent to is refused', async (test) => {
  for (const text of ['', 'a', '@b.co', 'a@', 'a@b', 'a b@c.de', 'a@b..de', '.a@b.de', 'a.@b.de', 'a..b@c.de', 'a\0@b.de', 'a@b.de,c@d.ef', '<a@b.de>', 'a@-b.de', 'a@127.0.0.1', 'a@[127.0.0.1]', `${'x'.repeat(65)}@b.de`, `a@${'x'.repeat(250)}.de`, 'a\u202e@b.de', 'a\u200b@b.de', '\ud800@b.de']) {
    test.equal(normaliseEmail(text), null, JSON.stringify(text));
  }
});

t.test('one spelling per address', async (test) => {
  test.equal(normaliseEmail(' Ada.Lovelace+x@Example.COM '), 'ada.lovelace+x@example.com');
  test.equal(normaliseEmail('a@bücher.example'), 'a@xn--bcher-kva.example');
  test.equal(normaliseEmail('e\u0301@b.de'), '\u00e9@b.de');
});
