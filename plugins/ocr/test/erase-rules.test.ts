import t from 'tap';
import { eraseRules } from '../worker/erase-rules.ts';

const width = 400;
const height = 300;

/** White paper with black rectangles on it. */
function paper(...rectangles: [x: number, y: number, width: number, height: number][]) {
  const data = new Uint8Array(width * height).fill(255);
  for (const [x, y, across, down] of rectangles) for (let row = y; row < y + down; row += 1) data.fill(0, row * width + x, row * width + x + across);
  return { data, width, height };
}

const inkIn = ({ data }: { data: Uint8Array }): number => data.filter((value) => value < 128).length;

t.test('the rules of a table go but for specks where they cross, also at the edge of the page', (t) => {
  const page = paper([0, 0, 400, 3], [0, 150, 400, 2], [100, 0, 3, 300], [396, 0, 4, 300]);
  eraseRules(page);
  t.ok(inkIn(page) < 40);
  t.end();
});

t.test('letters, bars and blocks stay', (t) => {
  const page = paper([20, 20, 90, 4], [20, 40, 300, 12], [50, 100, 30, 30], [200, 100, 5, 80]);
  const before = Buffer.from(page.data);
  eraseRules(page);
  t.ok(before.equals(page.data));
  t.end();
});

t.test('a letter that stands on a rule stays', (t) => {
  const page = paper([0, 200, 400, 3], [150, 180, 10, 22]);
  eraseRules(page);
  t.equal(page.data[185 * width + 155], 0);
  t.equal(page.data[201 * width + 155], 0, 'also its foot');
  t.equal(page.data[201 * width + 300], 255);
  t.end();
});
