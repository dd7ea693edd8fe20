import t from 'tap';
import { findEntities } from '../../services/entities/find-entities.ts';
import type { EntityType } from '../../services/entities/span.ts';

const found = (text: string, type: EntityType): string[] => findEntities(text).filter((span) => span.type === type).map((span) => span.text);

/** Texts that hold none, then texts with what is in them. */
const cases: Readonly<Partial<Record<EntityType, { none: readonly string[]; some: readonly (readonly [text: string, ...found: string[]])[] }>>> = {
  person: {
    none: ['My name is incorrect on the statement.', 'The Board said no.', 'I will see you on Monday', 'Dear Sir,', 'mark the page', 'See Chapter Three: Results', 'In London it rains.'],
    some: [
      ['Dear Mr. Xanthopoulos, your letter came.', 'Xanthopoulos'],
      ['Please ask Maria Fernandez or Peter J. Quimby.', 'Maria Fernandez', 'Peter J. Quimby'],
      ["Hi, I'm Zbyszko Wrotek, calling again", 'Zbyszko Wrotek'],
      ['Frau Dr. Lieselotte Krähenbühl', 'Lieselotte Krähenbühl'],
      ['Best regards,\nTheo van den Berg', 'Theo van den Berg'],
      ['Thomas Ngata was late. Ngata paid.', 'Thomas Ngata', 'Ngata'],
      ["It is Aoife O'Connell's car, said Ibrahim.", "Aoife O'Connell", 'Ibrahim'],
      ['her maiden name is fernsby', 'fernsby'],
    ],
  },
  organization: {
    none: ['an inc of ltd', 'The company is small', 'I work for free', 'Bank holiday'],
    some: [
      ['Invoice by Müller & Söhne GmbH today', 'Müller & Söhne GmbH'],
      ['Acme Widgets, Inc. was sued by Foo Bar S.A.', 'Acme Widgets, Inc.', 'Foo Bar S.A.'],
      ['She works for Globex', 'Globex'],
      ['at the University of Tartu', 'University of Tartu'],
    ],
  },
  place: {
    none: ['in time', 'moved to tears', 'I am in', 'We met in March'],
    some: [
      ['From Germany to New Zealand', 'Germany', 'New Zealand'],
      ['She moved here from Kuressaare last year', 'Kuressaare'],
      ['Hauptstraße 5\nKleinmachnow\nGermany', 'Kleinmachnow', 'Germany'],
      ['in São Paulo, Brasil', 'São Paulo', 'Brasil'],
    ],
  },
  address: {
    none: ['the street is long', '5 people on the way', 'box of 12', 'suite of rooms', 'Article 50', 'unit tests'],
    some: [
      ['1600 Amphitheatre Parkway', '1600 Amphitheatre Parkway'],
      ['wohnt Lindenstraße 12a, Hof', 'Lindenstraße 12a'],
      ['12 rue de la Paix', '12 rue de la Paix'],
      ['Via Garibaldi 7', 'Via Garibaldi 7'],
      ['ul. Marszałkowska 10', 'ul. Marszałkowska 10'],
      ['Drottninggatan 53', 'Drottninggatan 53'],
      ['P.O. Box 1234 or Postfach 99', 'P.O. Box 1234', 'Postfach 99'],
      ['ZIP: 90210, London SW1A 1AA', '90210', 'SW1A 1AA'],
    ],
  },
};

for (const [type, { none, some }] of Object.entries(cases)) {
  t.test(type, async (test) => {
    for (const text of none) test.same(found(text, type as EntityType), [], text);
    for (const [text, ...wanted] of some) test.same(found(text, type as EntityType), wanted, text);
  });
}
