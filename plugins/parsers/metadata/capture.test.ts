import t from 'tap';
import { captureOf, parseLocalTime } from './capture.ts';
import type { RawTags } from './raw-tags.ts';

const raw = (sections: Partial<RawTags>): RawTags => ({ exif: {}, gps: {}, iptc: {}, icc: {}, xmp: {}, container: {}, unreadable: [], ...sections });

/** The offset worked out for a local time beside a fix. */
const at = (local: string, gps: RawTags['gps']) => captureOf(raw({ exif: { DateTimeOriginal: local }, gps }))?.offset;


t.test('what is no moment is not taken for one', async (test) => {
  for (const value of ['0000:00:00 00:00:00', '    :  :     :  :  ', '2013:13:01 10:00:00', '2013:02:30 10:00:00', '2013:05:26 16:05:92', '2013:05:26', 'yesterday', '', 7, null, undefined, {}, [], '1066:10:14 09:00:00']) {
    test.equal(parseLocalTime(value), null, JSON.stringify(value) ?? 'undefined');
  }
});

t.test('local time stays local when nobody says the zone', async (test) => {
  test.same(captureOf(raw({ exif: { DateTimeOriginal: '2013:05:10 15:21:35' } })), { capturedAt: '2013-05-10T15:21:35', offset: null, offsetSource: null, source: 'exif.DateTimeOriginal' });
});

t.test('the zone of the tag, with its fraction', async (test) => {
  const capture = captureOf(raw({ exif: { DateTimeOriginal: '2024:03:31 02:30:00', SubSecTimeOriginal: '042', OffsetTimeOriginal: '-03:30' } }));
  test.same(capture, { capturedAt: '2024-03-31T02:30:00.042-03:30', offset: '-03:30', offsetSource: 'exif', source: 'exif.DateTimeOriginal' });
  test.equal(captureOf(raw({ exif: { DateTimeOriginal: '2024:03:31 02:30:00', OffsetTimeOriginal: '+99:00' } }))?.offset, null, 'an impossible zone is none');
});

t.test('the zone from the satellites', async (test) => {
  test.equal(at('2016:03:24 14:49:51', { GPSDateStamp: '2016:03:24', GPSTimeStamp: [6, 49, 47.57] }), '+08:00');
  test.equal(at('2016:03:24 23:30:00', { GPSDateStamp: '2016:03:25', GPSTimeStamp: [3, 0, 2] }), '-03:30', 'over midnight, half an hour');
  test.equal(at('2016:03:24 14:49:51', { GPSDateStamp: '2016:03:24', GPSTimeStamp: '06:49:47' }), '+08:00', 'as text');
  test.equal(at('2016:03:24 14:37:00', { GPSDateStamp: '2016:03:24', GPSTimeStamp: [6, 49, 47] }), null, 'an old fix tells nothing');
  test.equal(at('2016:03:28 14:49:51', { GPSDateStamp: '2016:03:24', GPSTimeStamp: [6, 49, 47] }), null, 'four days are no zone');
  test.equal(at('2016:03:24 14:49:51', { GPSDateStamp: '2016:03:24', GPSTimeStamp: [6, Number.NaN, 0] }), null);
});

t.test('falls back from tag to tag', async (test) => {
  test.match(captureOf(raw({ exif: { DateTimeOriginal: '0000:00:00 00:00:00', CreateDate: '2001:02:03 04:05:06' } })), { source: 'exif.CreateDate' });
  test.match(captureOf(raw({ xmp: { photoshop: { DateCreated: '2020-05-06T07:08:09+02:00' } } })), { capturedAt: '2020-05-06T07:08:09+02:00', offsetSource: 'xmp', source: 'xmp.photoshop:DateCreated' });
  test.match(captureOf(raw({ iptc: { DateCreated: '20200506', TimeCreated: '070809+0200' } })), { capturedAt: '2020-05-06T07:08:09+02:00', offsetSource: 'iptc' });
  test.equal(captureOf(raw({})), null);
});
