import t from 'tap';
import { hammingDistance, simhash } from '../../services/insights/simhash.ts';

function printOf(...parts: string[]) {
  const hash = simhash();
  for (const part of parts) hash.add(part);
  return hash.result();
}

const words = 'agreement between the landlord and the tenant about a flat on the second floor with three rooms kitchen bath cellar rent is due on the third working day of each month and is raised by mutual consent only'.split(' ');
const text = words.join(' ');

t.test('too few words have none', async (test) => {
  test.same(printOf('nineteen words are not enough '.repeat(3)), { hex: null, bands: null, words: 15 });
});

t.test('the same text has the same, however it comes', async (test) => {
  const whole = printOf(text);
  test.match(whole, { hex: /^[0-9a-f]{16}$/, words: words.length });
  test.same(printOf(words.slice(0, 9).join(' '), words.slice(9).join(' ')), whole);
  test.same(printOf(text.toUpperCase().replaceAll(' ', '\n  ')), whole);
  const { band0, band1, band2, band3 } = whole.bands ?? { band0: 0, band1: 0, band2: 0, band3: 0 };
  test.equal([band3, band2, band1, band0].map((band) => band.toString(16).padStart(4, '0')).join(''), whole.hex);
});

t.test('near texts are near, others are far', async (test) => {
  const long = Array.from({ length: 10 }, (_, at) => `${text} ${at}`).join(' ');
  const original = printOf(long).hex as string;
  test.equal(hammingDistance(original, original), 0);
  test.ok(hammingDistance(original, printOf(long.replace('three rooms', 'four rooms').replace('second floor', 'first floor')).hex as string) <= 6);
  const other = Array.from({ length: 300 }, (_, at) => `w${(at * 7919) % 311}`).join(' ');
  test.ok(hammingDistance(original, printOf(other).hex as string) > 16);
  test.equal(hammingDistance('ffffffff00000000', '0000000000000000'), 32);
  test.equal(hammingDistance('8000000000000001', '0000000000000000'), 2);
});
