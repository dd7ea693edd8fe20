import t from 'tap';
import { findPlace } from './places.ts';

t.test('nobody lives there', async (test) => {
  test.equal(findPlace(0, -30), null, 'mid-Atlantic');
  test.equal(findPlace(90, 0), null, 'the pole');
});

t.test('places on all sides of the globe', async (test) => {
  test.match(findPlace(55.038756, 8.457191), { name: 'List', region: 'Schleswig-Holstein', country: 'Germany', countryCode: 'DE' });
  test.match(findPlace(40.004086, 116.484781), { region: 'Beijing', country: 'China', countryCode: 'CN' });
  test.match(findPlace(-33.8568, 151.2153), { region: 'New South Wales', countryCode: 'AU' });
  test.match(findPlace(40.7484, -73.9857), { region: 'New York', countryCode: 'US' });
  test.match(findPlace(48.8584, 2.2945), { district: 'Paris', label: /Île-de-France, France$/ });
});

t.test('nearest across the date line', async (test) => {
  const place = findPlace(-16.5, -179.99);
  test.equal(place?.countryCode, 'FJ');
  test.ok(place && place.distanceKm > 0 && place.distanceKm < 100);
});
