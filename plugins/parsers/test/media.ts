const box = (type: string, ...content: (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(content.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
};

/** A film without pictures (ISO/IEC 14496-12): made on 6 May 2020, 07:08:09, at 52.52° N, 13.405° E. */
export function film(): Buffer {
  const header = Buffer.alloc(100);
  // Seconds since 1904.
  const made = Date.UTC(2020, 4, 6, 7, 8, 9) / 1000 + 2_082_844_800;
  header.writeUInt32BE(made, 4);
  header.writeUInt32BE(made, 8);
  header.writeUInt32BE(1000, 12);
  header.writeUInt32BE(2500, 16);
  const place = '+52.5200+013.4050/';
  const text = Buffer.concat([Buffer.from([0, place.length, 0x15, 0xc7]), Buffer.from(place)]);
  return Buffer.concat([box('ftyp', 'qt  ', Buffer.alloc(4), 'qt  '), box('moov', box('mvhd', header), box('udta', box('\u00a9xyz', text), box('\u00a9mak', Buffer.from([0, 4, 0x15, 0xc7]), 'Acme'))), box('mdat', Buffer.alloc(16))]);
}

/** A piece of music with a title and an artist (ID3v2.3.0). */
export function song(): Buffer {
  const frame = (id: string, text: string): Buffer => {
    const head = Buffer.alloc(10);
    head.write(id, 'latin1');
    head.writeUInt32BE(text.length + 1, 4);
    return Buffer.concat([head, Buffer.from([0]), Buffer.from(text, 'latin1')]);
  };
  const frames = Buffer.concat([frame('TIT2', 'Song'), frame('TPE1', 'Ada')]);
  // One frame of silence, so that it is music at all.
  const silence = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x00]), Buffer.alloc(413)]);
  return Buffer.concat([Buffer.from('ID3\x03\0\0\0\0\0', 'latin1'), Buffer.from([frames.length]), frames, silence, silence]);
}
