import * as fc from 'fast-check';
import t from 'tap';
import { countTypes, findInSlices } from '../../services/entities/in-slices.ts';

t.test('nothing is lost or doubled where slices meet', async (test) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 24_000, max: 25_200 }), async (padding) => {
      const text = `${'x '.repeat(padding / 2)}mail ana@example.org and card 4111 1111 1111 1111. ${'y '.repeat(13_000)}`;
      const found = await findInSlices(text, { types: ['email', 'card'] });
      return found.length === 2 && found.every((span) => text.slice(span.start, span.end) === span.text);
    }),
    { numRuns: 15 },
  );
  test.pass();
});

t.test('others run between the slices', async (test) => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const spans = await findInSlices('Ana Kowalski wrote to bob@example.org on 3 May 2024. '.repeat(4000));
  clearInterval(timer);
  test.ok(turns > 5, `${turns} turns`);
  test.ok((countTypes(spans)['email'] ?? 0) === 4000);
});

t.test('extra recognisers: the surer span stays, unsure ones are left out', async (test) => {
  const extra = (score: number) => async (text: string) => [{ type: 'own', start: 0, end: text.length, text, score, validator: 'x', context: null }];
  test.match(await findInSlices('a@example.org', { extra: extra(1) }), [{ type: 'own' }]);
  test.match(await findInSlices('a@example.org', { extra: extra(0.6) }), [{ type: 'email' }]);
  test.same(await findInSlices('nothing', { extra: extra(0.4) }), []);
});
