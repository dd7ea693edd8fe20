import { closeSync, openSync, readSync } from 'node:fs';
import KDBush from 'kdbush';

/** A city as the package writes it: numbers as text. */
interface CityRow {
  name: string;
  lat: string;
  lng: string;
  country: string;
  admin1: string;
  admin2: string;
}

export interface City {
  name: string;
  latitude: number;
  longitude: number;
  /** ISO 3166-1 alpha-2. */
  country: string;
  /** GeoNames codes of the first and second division, joined to the country as in its tables. */
  regionCode: string;
  districtCode: string;
}

export interface CityTable {
  index: KDBush;
  city(at: number): City;
}

const chunkBytes = 524_288;

/**
 * The rows of a file that is one JSON array of flat objects, some thousand at a time. Parsed at
 * once the 17 MB would take 90 MB, which the process would not give back.
 */
function* rowsOf(path: string): Generator<CityRow> {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const decoder = new TextDecoder();
    let rest = '';
    for (;;) {
      const read = readSync(file, chunk);
      rest += decoder.decode(chunk.subarray(0, read), { stream: read > 0 });
      const start = rest.indexOf('{');
      const end = rest.lastIndexOf('}');
      if (start >= 0 && end > start) {
        yield* JSON.parse(`[${rest.slice(start, end + 1)}]`) as CityRow[];
        rest = rest.slice(end + 1);
      }
      if (read === 0) return;
    }
  } finally {
    closeSync(file);
  }
}

export function loadCityTable(path: string): CityTable {
  const names: string[] = [];
  const codes: string[] = [];
  const coordinates: number[] = [];
  // A few tens of thousands of codes for all cities: one string each.
  const known = new Map<string, string>();
  for (const { name, lat, lng, country, admin1, admin2 } of rowsOf(path)) {
    const code = `${country}.${admin1}.${admin2}`;
    const kept = known.get(code) ?? code;
    if (kept === code) known.set(code, code);
    names.push(name);
    codes.push(kept);
    coordinates.push(Number(lng), Number(lat));
  }
  const table = Float64Array.from(coordinates);
  const index = new KDBush(names.length);
  for (let at = 0; at < table.length; at += 2) index.add(table[at] as number, table[at + 1] as number);
  index.finish();
  return {
    index,
    city(at) {
      const districtCode = codes[at] ?? '';
      const [country = '', region = ''] = districtCode.split('.');
      return { name: names[at] ?? '', longitude: table[2 * at] ?? 0, latitude: table[2 * at + 1] ?? 0, country, regionCode: `${country}.${region}`, districtCode };
    },
  };
}
