import t from 'tap';
import { isHeldOut, measure, throughput, type LabelledText } from '../../measure/measure.ts';
import { f1, rewritten, tableOf } from '../../measure/table.ts';

/** Made up: `[TYPE:text]` marks a label. */
function labelled(marked: string): LabelledText {
  const spans: { type: string; start: number; end: number }[] = [];
  let text = '';
  for (const part of marked.split(/(\[[A-Z_]+:[^\]]+\])/)) {
    const [, type, inner] = /^\[([A-Z_]+):(.+)\]$/.exec(part) ?? [];
    if (type !== undefined && inner !== undefined) spans.push({ type, start: text.length, end: text.length + inner.length });
    text += inner ?? part;
  }
  return { text, spans };
}

const texts = ['Mail [EMAIL_ADDRESS:a@example.org] today', 'but not b@example.org', 'Card [CREDIT_CARD:4111111111111111] and [CREDIT_CARD:1234]', 'A label [TITLE:nobody] measures'].map(labelled);

t.test('a page without the marks is left alone', async (test) => {
  test.throws(() => rewritten('# page', 'x'), /lacks the marks/);
});

t.test('hits, misses and false finds are counted by type', async (test) => {
  test.same(measure(texts), [
    { type: 'card', labelled: 2, hit: 1, found: 1, right: 1 },
    { type: 'email', labelled: 1, hit: 1, found: 2, right: 1 },
  ]);
  test.equal(f1({ type: 'card', labelled: 2, hit: 1, found: 1, right: 1 }), 2 / 3);
  test.equal(f1({ type: 'card', labelled: 2, hit: 0, found: 1, right: 0 }), null);
});

t.test('the table replaces what stood between the marks', async (test) => {
  const page = 'a\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nb';
  const table = tableOf(measure(texts));
  test.match(table, '| card | 2 | 1.000 | 0.500 | 0.667 |');
  const once = rewritten(page, table);
  test.notMatch(once, 'old');
  test.equal(rewritten(once, table), once);
});

t.test('a text is always of the same half', async (test) => {
  const halves = Array.from({ length: 200 }, (_, at) => isHeldOut(`text ${at}`));
  test.same(halves, Array.from({ length: 200 }, (_, at) => isHeldOut(`text ${at}`)));
  test.ok(halves.includes(true) && halves.includes(false));
});

t.test('there is a throughput', async (test) => {
  test.ok(throughput(texts, 10_000) > 0);
});
