import t from 'tap';
import type { FoundSpan } from '../../services/entities/span.ts';
import { valuesOf, withRepeats } from '../../services/redaction/repeats.ts';

const span = (type: string, text: string, score = 0.9): FoundSpan => ({ type, start: 0, end: text.length, text, score, validator: 'x', context: null });

t.test('short values and single names are not looked for elsewhere', async (test) => {
  test.equal(valuesOf([span('person', 'Mark'), span('person', 'Brandt'), span('card', '4111')]).size, 0);
  test.equal(valuesOf(Array.from({ length: 600 }, (_, at) => span('email', `a${at}@example.org`))).size, 500);
});

t.test('what was found once is found throughout, as a word of its own', async (test) => {
  const values = valuesOf([span('person', 'Ana Lee', 0.6), span('person', 'Ana Lee', 0.8)]);
  test.equal(values.get('Ana Lee')?.score, 0.8);
  test.match(withRepeats('Ana Lee, Ana Leek, (Ana Lee)', [], values), [{ start: 0, end: 7, type: 'person' }, { start: 20, end: 27 }]);
  test.match(withRepeats('Ana Lee', [span('organization', 'Ana Lee', 0.95)], values), [{ type: 'organization' }], 'the surer one stays');
});
