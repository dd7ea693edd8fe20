import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import t from 'tap';
import { createByteBudget } from '../services/byte-budget.ts';
import { createDocumentExtractor } from '../services/extract-document.ts';
import { createMetadataLane } from '../services/metadata-lane.ts';
import { photo, recordingWatch, sourceOf } from './fixtures.ts';

const lane = createMetadataLane();
t.teardown(() => lane.close());
const extractDocument = createDocumentExtractor({ lane, budget: createByteBudget({ totalBytes: 134_217_728, maxWaiting: 8, waitMs: 10_000 }) });
const all = { extractMetadata: true };
const extract = (content: Uint8Array, overrides: Parameters<typeof sourceOf>[1] = {}, watch = recordingWatch()) => extractDocument(sourceOf(content, overrides), all, watch);
const codes = (findings: { warnings: { code: string }[] }) => findings.warnings.map((warning) => warning.code);

t.test('what is no image fails with a code, never a crash', async (test) => {
  await test.rejects(extract(Buffer.alloc(0)), { code: 'EMPTY_FILE' });
  await test.rejects(extract(Buffer.from('a text that calls itself a photo')), { code: 'UNREADABLE_IMAGE' });
  await test.rejects(extract((await photo('beijing')).subarray(0, 100)), { code: 'UNREADABLE_IMAGE' });
  await test.rejects(extract(Buffer.from([0xff, 0xd8, 0xff])), { code: 'UNREADABLE_IMAGE' });
  await test.rejects(extract(await photo('beijing'), { sizeBytes: 1_000_000 }), { code: 'INCOMPLETE_CONTENT' });
});

t.test('random damage never does more than fail', async (test) => {
  const original = await photo('beijing');
  let seed = 1;
  const random = (below: number) => ((seed = (seed * 48_271) % 2_147_483_647), seed % below);
  for (let round = 0; round < 60; round++) {
    const damaged = Buffer.from(original.subarray(0, 4000 + random(20_000)));
    for (let byte = 0; byte < 40; byte++) damaged[2 + random(3000)] = random(256);
    try {
      const findings = await extract(damaged);
      JSON.stringify(findings);
    } catch (error) {
      if ((error as { code?: string }).code !== 'UNREADABLE_IMAGE') test.fail(`round ${round}: ${String(error)}`);
    }
  }
  test.pass('60 damaged files');
});

t.test('a cut file still gives what its head says', async (test) => {
  const findings = await extract((await photo('beijing')).subarray(0, 20_000));
  test.same(codes(findings), ['TRUNCATED']);
  test.match(findings.metadata, { image: { width: 2448 }, camera: { model: 'iPhone 6 Plus' } });
});

/** A chunk of PNG: length, type, data, checksum. */
const chunk = (type: string, data: Buffer) => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
};

t.test('a pixel bomb is measured, not decoded', async (test) => {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(100_000);
  header.writeUInt32BE(100_000, 4);
  header.set([8, 2], 8);
  const bomb = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(1_000_000))), chunk('IEND', Buffer.alloc(0))]);
  const before = process.memoryUsage().rss;
  test.match((await extract(bomb, { mimeType: 'image/png' })).metadata.image, { width: 100_000, height: 100_000, format: 'png' });
  test.ok(process.memoryUsage().rss - before < 100_000_000);
});

t.test('two real photos', async (test) => {
  const watch = recordingWatch();
  const starfish = await extract(await photo('starfish'), {}, watch);
  test.same(watch.stages, ['metadata', 'place']);
  test.same(codes(starfish), []);
  test.match(starfish, {
    kind: 'image',
    location: { latitude: 55.038756, longitude: 8.457191, place: { name: 'List', countryCode: 'DE' } },
    metadata: { image: { width: 1278, height: 720, format: 'jpeg', orientation: 1 }, camera: { make: 'Nokia', model: 'Lumia 820' }, capture: { capturedAt: '2013-05-10T15:21:35', offset: null } },
  });
  test.match(await extract(await photo('beijing')), {
    location: { latitude: 40.004086, longitude: 116.484781, altitudeMetres: 38.64, place: { country: 'China', region: 'Beijing' } },
    metadata: {
      image: { width: 2448, orientation: 6 },
      camera: { make: 'Apple', model: 'iPhone 6 Plus', lens: 'iPhone 6 Plus back camera 4.15mm f/2.2' },
      capture: { capturedAt: '2016-03-24T14:49:51.308+08:00', offset: '+08:00', offsetSource: 'gps' },
      exposure: { iso: 32, fNumber: 2.2, flashFired: true },
      gps: { accuracyMetres: 65 },
    },
  });
});

t.test('photos without a position, a valid date or text in their tags', async (test) => {
  const watch = recordingWatch();
  test.match(await extract(await photo('oddDate'), {}, watch), { location: null, metadata: { capture: null, gps: null } });
  test.same(watch.stages, ['metadata'], 'no place is looked for');
  test.match(await extract(await photo('evil')), { metadata: { camera: { model: 'Canon PowerShot S400' }, capture: { capturedAt: '2003-05-24T16:40:33' } } });
  test.match(await extract(await photo('blankTags')), { metadata: { description: null, gps: null, camera: { model: 'MI3' } } });
  test.match(await extract(await photo('mirrored')), { metadata: { image: { orientation: 4, displayWidth: 480, displayHeight: 640 } } });
  test.match(await extract(await photo('tiff'), { mimeType: 'image/tiff' }), { metadata: { image: { width: 174, height: 38, format: 'tiff', channels: 4 } } });
});

const xmp =
  '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
  '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:DateCreated="2020-05-06T07:08:09+02:00">' +
  '<dc:title><rdf:Alt><rdf:li xml:lang="de">Tor</rdf:li><rdf:li xml:lang="x-default">Gate</rdf:li></rdf:Alt></dc:title><dc:subject><rdf:Bag><rdf:li>berlin</rdf:li><rdf:li>gate</rdf:li></rdf:Bag></dc:subject>' +
  '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>';

t.test('every container gives up its EXIF and XMP', async (test) => {
  for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
    const image = sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
      .withXmp(xmp)
      .withExif({ IFD0: { Make: 'Acme' }, IFD3: { GPSLatitudeRef: 'S', GPSLatitude: '33/1 51/1 24/1', GPSLongitudeRef: 'E', GPSLongitude: '151/1 12/1 55/1' } });
    const findings = await extract(await image.toFormat(format).toBuffer(), { mimeType: `image/${format}` });
    test.same(codes(findings), [], format);
    test.match(
      findings,
      {
        metadata: { image: { width: 40, height: 30, format }, camera: { make: 'Acme' }, description: { title: 'Gate', keywords: ['berlin', 'gate'] }, capture: { capturedAt: '2020-05-06T07:08:09+02:00', source: 'xmp.photoshop:DateCreated' } },
        location: { latitude: -33.856667, longitude: 151.215278, place: { countryCode: 'AU' } },
      },
      format,
    );
  }
});

t.test('tags too large to keep are left out, the rest stands', async (test) => {
  const many = Array.from({ length: 200 }, (_, at) => `<rdf:li>${String(at).padStart(3, '0')}${'k'.repeat(900)}</rdf:li>`).join('');
  const image = sharp({ create: { width: 4, height: 3, channels: 3, background: 'red' } }).withXmp(xmp.replace('<rdf:li>berlin</rdf:li>', many)).withExif({ IFD0: { Make: 'Acme' } });
  const findings = await extract(await image.png().toBuffer(), { mimeType: 'image/png' });
  test.ok(Buffer.byteLength(JSON.stringify(findings.metadata)) <= 65_536);
  test.ok(codes(findings).includes('TAGS_LEFT_OUT'));
  test.match(findings.metadata.camera, { make: 'Acme' });
});

t.test('other content is named and measured, and not read', async (test) => {
  const unread = { read: () => test.fail('read') as never };
  test.match(await extract(Buffer.from('%PDF-1.7'), { mimeType: 'application/pdf', ...unread }), { kind: 'document', location: null, metadata: { mimeType: 'application/pdf', sizeBytes: 8, image: null } });
  test.match(await extract(Buffer.from('a,b'), { mimeType: 'text/csv; charset=utf-8', ...unread }), { kind: 'text' });
  test.match(await extract(Buffer.from('<svg/>'), { mimeType: 'image/svg+xml', ...unread }), { kind: 'text' });
  test.match(await extract(Buffer.from('?'), { mimeType: 'application/octet-stream', ...unread }), { kind: 'other' });
  test.match(await extractDocument(sourceOf(await photo('starfish'), unread), { extractMetadata: false }, recordingWatch()), { kind: 'image', location: null, metadata: { image: null } });
});

t.test('a type that was declared wrongly is told', async (test) => {
  test.same(codes(await extract(await photo('starfish'), { typeMismatch: true })), ['TYPE_MISMATCH']);
});
