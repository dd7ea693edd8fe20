import t from 'tap';
import { verhoeff } from '../../services/entities/check-digits.ts';
import { findEntities } from '../../services/entities/find-entities.ts';

/** Validator, a valid number as public documents print it, and one that is wrong by a digit or outside the ranges; `word` stands before both. */
const numbers: readonly (readonly [validator: string, word: string, valid: string, wrong: string])[] = [
  ['us-ssn', 'SSN', '219-09-9998', '666-09-9998'],
  ['us-itin', 'ITIN', '912-90-3456', '912-93-3456'],
  ['de-steuer-id', 'Steuer-ID', '86 095 742 719', '86 095 742 718'],
  ['fr-nir', 'sécurité sociale', '2 55 08 14 168 025 38', '2 55 08 14 168 025 39'],
  ['es-dni', 'DNI', '12345678Z', '12345678A'],
  ['es-nie', 'NIE', 'X1234567L', 'X1234567M'],
  ['it-codice-fiscale', 'codice fiscale', 'RSSMRA85T10A562S', 'RSSMRA85T10A562T'],
  ['pt-nif', 'NIF', '123456789', '123456780'],
  ['nl-bsn', 'BSN', '111222333', '111222334'],
  ['be-national-number', 'rijksregisternummer', '85.07.30-033.28', '85.07.30-033.29'],
  ['pl-pesel', 'PESEL', '44051401359', '44051401358'],
  ['se-personnummer', 'personnummer', '811228-9874', '811228-9873'],
  ['fi-hetu', 'henkilötunnus', '131052-308T', '131052-308U'],
  ['gb-nino', 'NINO', 'AB123456C', 'GB123456C'],
  ['gb-nhs', 'NHS', '943 476 5919', '943 476 5918'],
  ['in-aadhaar', 'Aadhaar', '2341 2341 2346', '2341 2341 2347'],
  ['br-cpf', 'CPF', '390.533.447-05', '390.533.447-06'],
  ['ca-sin', 'social insurance', '123 456 782', '123 456 783'],
  ['no-fodselsnummer', 'fødselsnummer', '15108695088', '15108695089'],
  ['ch-ahv', 'AHV', '756.9217.0769.85', '756.9217.0769.84'],
];
const valid = (text: string): string[] => findEntities(text).filter(({ type }) => type === 'national-id').map(({ validator }) => validator);

for (const [validator, word, good, wrong] of numbers) {
  t.test(validator, async (test) => {
    test.notOk(valid(`My ${word}: ${wrong}.`).includes(validator), 'wrong');
    test.notOk(valid(`My ${word}: 7${good}7.`).includes(validator), 'within a longer one');
    test.match(findEntities(`My ${word}: ${good}.`), [{ type: 'national-id', text: good, validator, context: word }]);
  });
}

t.test('plain digits with one check digit are not enough', async (test) => {
  for (const digits of ['86095742719', '123456789', '111222333', '44051401359']) test.same(valid(`Item ${digits} is sold out.`), []);
});

t.test('Verhoeff finds every wrong digit and every two that changed places', async (test) => {
  const good = [2, 3, 6, 3];
  test.ok(verhoeff(good));
  for (let at = 0; at < good.length; at += 1) {
    for (let digit = 0; digit < 10; digit += 1) test.equal(verhoeff(good.with(at, digit)), digit === good[at]);
    if (at > 0) test.equal(verhoeff(good.with(at, good[at - 1] as number).with(at - 1, good[at] as number)), good[at] === good[at - 1]);
  }
});
