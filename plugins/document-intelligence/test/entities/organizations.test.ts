import t from 'tap';
import { findEntities } from '../../services/entities/find-entities.ts';

const found = (text: string): string[] => findEntities(text).filter(({ type }) => type === 'organization').map((span) => span.text);

t.test('what is none', async (test) => {
  for (const text of ['Anna Smith\nSales Manager\n12 High Street', 'Anna Smith\nHigh Street\n12345 Hof', 'Anna Smith\nLeeds\nLS1 4AB', 'We met at Noon, 7 of us', 'It was founded in 1990']) test.same(found(text), [], text);
});

t.test('the firm between a person and an address', async (test) => {
  test.same(found('Anna Smith\nBrightwater\n12 High Street\nLeeds'), ['Brightwater']);
  test.same(found('Anna Smith\nSales manager\nOrbit Nine\nUnit 4'), ['Orbit Nine']);
});

t.test('what happens to firms', async (test) => {
  test.same(found('Brightwater was founded in 1990. It later became Orbit Nine.'), ['Brightwater', 'Orbit Nine']);
  test.same(found('a subsidiary of Globex'), ['Globex']);
});
