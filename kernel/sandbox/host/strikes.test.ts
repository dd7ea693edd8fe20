import t from 'tap';
import { defaultRules, strikeBook } from './strikes.ts';

const subject = { tenantId: 'a', pluginId: 'p', version: '1.0.0' };

t.test('three strikes within the window, not outside of it', async (t) => {
  const book = strikeBook();
  t.equal(book.add(subject, 'cpu', 0), null);
  t.equal(book.add(subject, 'cpu', 1_000), null);
  t.equal(book.add(subject, 'cpu', defaultRules.windowMs + 500), null, 'the first one has lapsed');
  t.equal(book.quarantinedUntil(subject, defaultRules.windowMs + 500), null);
  const untilMs = book.add(subject, 'cpu', defaultRules.windowMs + 600);
  t.equal(untilMs, defaultRules.windowMs + 600 + defaultRules.firstMs);
  t.equal(book.quarantinedUntil(subject, (untilMs ?? 0) - 1), untilMs);
  t.equal(book.quarantinedUntil(subject, untilMs ?? 0), null, 'it ends by itself');
  t.equal(book.quarantinedUntil({ ...subject, tenantId: 'b' }, 0), null, 'for its tenant alone');
});

t.test('each further quarantine is twice as long, up to a bound', async (t) => {
  const book = strikeBook();
  const lengths: number[] = [];
  for (let at = 0, round = 0; round < 8; round++) {
    let untilMs: number | null = null;
    while (untilMs === null) untilMs = book.add(subject, 'cpu', ++at);
    lengths.push(untilMs - at);
    at = untilMs;
  }
  t.strictSame(lengths, [60_000, 120_000, 240_000, 480_000, 960_000, 1_920_000, 3_600_000, 3_600_000]);
});

t.test('a version quarantined for three tenants is stopped for all', async (t) => {
  const book = strikeBook();
  for (const tenantId of ['a', 'b', 'c']) {
    t.equal(book.quarantinedUntil({ ...subject, tenantId: 'd' }, 10), null);
    for (let i = 0; i < 3; i++) book.add({ ...subject, tenantId }, 'crash', 10);
  }
  t.equal(book.quarantinedUntil({ ...subject, tenantId: 'd' }, 10), 10 + defaultRules.firstMs);
  t.equal(book.quarantinedUntil({ ...subject, tenantId: 'd', version: '2.0.0' }, 10), null);
  t.equal(book.list(10).length, 3);
  book.release({ pluginId: 'p' });
  t.equal(book.quarantinedUntil(subject, 10), null);
  t.strictSame(book.list(10), []);
});

t.test('who took a process down shares none from then on', async (t) => {
  const book = strikeBook();
  book.add(subject, 'cpu', 0);
  t.equal(book.isSolo(subject), false);
  book.add(subject, 'stuck', 0);
  t.equal(book.isSolo(subject), true);
  book.release({ tenantId: 'a' });
  t.equal(book.isSolo(subject), false);
});
