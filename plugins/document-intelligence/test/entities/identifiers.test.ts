import t from 'tap';
import { findEntities } from '../../services/entities/find-entities.ts';
import type { EntityType } from '../../services/entities/span.ts';

const found = (text: string, type: EntityType): string[] => findEntities(text).filter((span) => span.type === type).map((span) => span.text);

/** Texts that hold none, then texts with what is in them. */
const cases: Readonly<Partial<Record<EntityType, { none: readonly string[]; some: readonly (readonly [text: string, ...found: string[]])[] }>>> = {
  card: {
    none: ['card 4111 1111 1111 1112', 'card 0000 0000 0000 0000', 'order 79927398713', 'pi is 3.141592653589793', 'card 14111111111111111111111', 'tracking 9400110200881234567897'],
    some: [
      ['Paid with 4111-1111-1111-1111.', '4111-1111-1111-1111'],
      ['378282246310005', '378282246310005'],
      ['5555555555554444, 2223003122003222', '5555555555554444', '2223003122003222'],
      ['Amex 3714 496353 98431', '3714 496353 98431'],
      ['card 6304000000000000', '6304000000000000'],
    ],
  },
  iban: {
    none: ['DE89 3704 0044 0532 0130 01', 'DE89 3704 0044 0532 0130', 'ZZ89370400440532013000', 'XGB82WEST12345698765432', 'GB82WEST123456987654321'],
    some: [
      ['IBAN GB82 WEST 1234 5698 7654 32, thanks', 'GB82 WEST 1234 5698 7654 32'],
      ['an de89370400440532013000', 'de89370400440532013000'],
      ['NO9386011117947 and FR14 2004 1010 0505 0001 3M02 606', 'NO9386011117947', 'FR14 2004 1010 0505 0001 3M02 606'],
    ],
  },
  email: {
    none: ['a@', '@b.com', 'a@b', 'user..x@example.com', 'x.@example.com', 'a@@b.com', 'at @ home.now'],
    some: [
      ['Mail first.last+tag@sub.example.co.uk!', 'first.last+tag@sub.example.co.uk'],
      ['<jörg@müller.de>', 'jörg@müller.de'],
      ['a_b@c-d.io, e@f.museum.', 'a_b@c-d.io', 'e@f.museum'],
    ],
  },
  url: {
    none: ['http:// nothing', 'e.g. this', 'end.Then', 'ana@example.org', 'node.js', 'https://'],
    some: [
      ['See https://example.org/a?b=c#d, or www.example.com.', 'https://example.org/a?b=c#d', 'www.example.com'],
      ['(at shop.example.de/x)', 'shop.example.de/x'],
    ],
  },
  'ip-address': {
    none: ['256.1.1.1', '1.2.3', '1.2.3.4.5', 'version 1.2.3.4', 'at 10:30:15', '::', '1::2::3', '12345::1', 'abc::xyz'],
    some: [
      ['from 192.168.0.1:80, 10.0.0.0/8.', '192.168.0.1', '10.0.0.0/8'],
      ['2001:db8::1 and ::ffff:192.0.2.1 and fe80::1', '2001:db8::1', '::ffff:192.0.2.1', 'fe80::1'],
    ],
  },
  'mac-address': { none: ['00:1B:44:11:3A', '00:1B:44-11:3A:B7', '00:1B:44:11:3A:B7:00', 'GG:1B:44:11:3A:B7'], some: [['eth 00:1B:44:11:3A:B7, 00-1b-44-11-3a-b8', '00:1B:44:11:3A:B7', '00-1b-44-11-3a-b8']] },
  phone: {
    none: ['2024-05-06', '6/5/2024', 'order 123-4567', '3.14159265', '+999 123 4567', '12:30', 'page 12', '100 000 units', '192.168.10.20', '10115'],
    some: [
      ['+49 30 901820, +1 (212) 555-0123; +44 20 7946 0958', '+49 30 901820', '+1 (212) 555-0123', '+44 20 7946 0958'],
      ['Tel. 030 901820', '030 901820'],
      ['(212) 555-0123 ext. 45', '(212) 555-0123 ext. 45'],
      ['Appeler le 01 23 45 67 89', '01 23 45 67 89'],
      ['0039 06 6982 and 212-555-0123', '0039 06 6982', '212-555-0123'],
      ['call 5550123', '5550123'],
    ],
  },
  date: {
    none: ['2024-13-01', '32.01.2024', '1.2.3', '2024 items', 'maybe 3', 'chapter 12'],
    some: [
      ['2024-02-29T10:11:12Z', '2024-02-29T10:11:12Z'],
      ['am 3. Oktober 1990', '3. Oktober 1990'],
      ['May 5th, 2020 or 12/31/1999 or 31.12.1999', 'May 5th, 2020', '12/31/1999', '31.12.1999'],
      ['le 14 juillet 1789', '14 juillet 1789'],
      ['since 1999, until March 2021', '1999', 'March 2021'],
    ],
  },
  money: {
    none: ['$', 'EUR', '100', 'A$AP', 'euro 2024'],
    some: [
      ['$1,234.56 and €5', '$1,234.56', '€5'],
      ['1.234,56 EUR', '1.234,56 EUR'],
      ["CHF 1'000.-", "CHF 1'000.-"],
      ['GBP 20 or 3 million dollars', 'GBP 20', '3 million dollars'],
      ['12 345,00 zł', '12 345,00 zł'],
    ],
  },
  'driver-licence': { none: ['driver license please', "driver's license is lost", 'license 1234567', 'MORGA657054SM9IJ1', 'MORGA673054SM9IJ', 'A1234-56789-09931'], some: [['MORGA657054SM9IJ and A1234-56789-00615', 'MORGA657054SM9IJ', 'A1234-56789-00615'], ["My driver's license number is D1234567.", 'D1234567'], ['Führerscheinnummer: B072RRE2I55 ', 'B072RRE2I55']] },
  passport: { none: ['passport ready by then', 'passport number is required', 'pass 123456789'], some: [['Passport no. 533380006', '533380006'], ['Reisepass C01X00T47', 'C01X00T47']] },
  'crypto-address': {
    none: ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5', '0x52908400098527886E0F7030069857D2E4169EE', '1111111111111111111111111111'],
    some: [
      ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'],
      ['0x52908400098527886E0F7030069857D2E4169EE7', '0x52908400098527886E0F7030069857D2E4169EE7'],
      ['1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'],
    ],
  },
};

for (const [type, { none, some }] of Object.entries(cases)) {
  t.test(type, async (test) => {
    for (const text of none) test.same(found(text, type as EntityType), [], text);
    for (const [text, ...wanted] of some) test.same(found(text, type as EntityType), wanted, text);
  });
}
