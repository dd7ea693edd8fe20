import * as fc from 'fast-check';
import t from 'tap';
import { findEntities } from '../../services/entities/find-entities.ts';
import { resolveOverlaps } from '../../services/entities/resolve-overlaps.ts';
import { spanAt } from '../../services/entities/span.ts';

t.setTimeout(100_000);
const pieces = ['+49 ', '030-', '4111111111111111', 'DE89370400440532013000', 'a@b.de', 'www.', '1.2.3.4', ' Dr. ', 'Ana', 'İstanbul', 'Müller', '\n', 'Main St', ' 12 ', '99999', '€', ',', '('];
const prose = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 40 }).map((parts) => parts.join(''));

t.test('spans are of the text, in order, and never overlap', async (test) => {
  fc.assert(
    fc.property(prose, fc.double({ min: 0, max: 1, noNaN: true }), (text, minimumScore) => {
      let last = 0;
      for (const span of findEntities(text, { minimumScore })) {
        if (span.start < last || span.end <= span.start || text.slice(span.start, span.end) !== span.text || span.score < minimumScore || span.score > 1) return false;
        last = span.end;
      }
      return true;
    }),
    { numRuns: 500 },
  );
  test.pass();
});

t.test('the surer span wins, then the longer', async (test) => {
  const text = 'abcdef';
  const at = (start: number, length: number, score: number) => spanAt('person', text, start, length, { score, validator: 'x' });
  test.match(resolveOverlaps([at(0, 6, 0.5), at(2, 2, 0.9), at(4, 2, 0.5)], 6), [{ start: 2 }, { start: 4 }]);
  test.match(resolveOverlaps([at(0, 2, 0.5), at(0, 4, 0.5)], 6), [{ end: 4 }]);
});

t.test('what was not asked for still holds its place', async (test) => {
  test.same(findEntities('card 4111 1111 1111 1111', { types: ['phone'], minimumScore: 0 }), []);
});

t.test('hostile texts take time in proportion to their length', async (test) => {
  const hostile = ['1', '@', '(((', '1-', '12-34 ', '(1) ', '+', 'a.', 'a@a.', 'A ', 'Aa ', 'Aa-', '1.1.', 'A1', ' ', '\n', '1, ', 'St. ', 'Dr. ', 'é', ':', '0x', 'www.', '00 '];
  const timed = (piece: string, chars: number): number => {
    const text = piece.repeat(chars / piece.length);
    const before = performance.now();
    findEntities(text);
    return performance.now() - before;
  };
  timed('1', 100_000);
  for (const piece of hostile) {
    const half = timed(piece, 250_000);
    const whole = timed(piece, 500_000);
    // linear is 2, quadratic is 4; the other work of the machine is in the constant
    test.ok(whole < 3 * half + 300, `${JSON.stringify(piece)}: ${half.toFixed(0)} ms, ${whole.toFixed(0)} ms`);
  }
});
