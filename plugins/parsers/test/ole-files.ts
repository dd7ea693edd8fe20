import cfb from 'cfb';

const container = (streams: Record<string, Uint8Array>): Uint8Array<ArrayBuffer> => {
  const made = cfb.utils.cfb_new();
  for (const [path, content] of Object.entries(streams)) cfb.utils.cfb_add(made, path, Buffer.from(content));
  return new Uint8Array(cfb.write(made, { type: 'buffer' }) as Buffer);
};

const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** An Office document behind a password is an encrypted package in a compound file ([MS-OFFCRYPTO] 2.3). */
export const encryptedOffice = (): Uint8Array<ArrayBuffer> => container({ '/EncryptionInfo': Buffer.alloc(100, 1), '/EncryptedPackage': Buffer.alloc(5000, 2) });

/** A Word 97 document of one piece ([MS-DOC] 2.5 and 2.8.35). */
export function doc(text: string, options: { encrypted?: boolean } = {}): Uint8Array<ArrayBuffer> {
  const start = 2048;
  const stream = Buffer.alloc(Math.max(8192, start + text.length * 2));
  stream.writeUInt16LE(0xa5ec, 0);
  stream.writeUInt16LE(0x00c1, 2);
  stream.writeUInt16LE(0x0200 | (options.encrypted === true ? 0x0100 : 0), 10);
  stream.writeUInt32LE(text.length, 0x4c);
  wide(text).copy(stream, start);
  const plcPcd = Buffer.alloc(16);
  plcPcd.writeUInt32LE(text.length, 4);
  plcPcd.writeUInt32LE(start, 10);
  const clx = Buffer.concat([Buffer.from([2, 16, 0, 0, 0]), plcPcd]);
  const table = Buffer.alloc(5000);
  clx.copy(table, 0);
  stream.writeUInt32LE(0, 0x01a2);
  stream.writeUInt32LE(clx.length, 0x01a6);
  return container({ '/WordDocument': stream, '/1Table': table });
}

/** A message of Outlook with one recipient and one attachment ([MS-OXMSG] 2). */
export function msg(fields: { subject: string; body: string; from: string; to: string; attachment: string }): Uint8Array<ArrayBuffer> {
  const properties = (head: number) => Buffer.alloc(head);
  return container({
    '/__properties_version1.0': properties(32),
    '/__substg1.0_0037001F': wide(fields.subject),
    '/__substg1.0_1000001F': wide(fields.body),
    '/__substg1.0_0C1A001F': wide(fields.from),
    '/__recip_version1.0_#00000000/__properties_version1.0': properties(8),
    '/__recip_version1.0_#00000000/__substg1.0_3001001F': wide(fields.to),
    '/__attach_version1.0_#00000000/__properties_version1.0': properties(8),
    '/__attach_version1.0_#00000000/__substg1.0_3707001F': wide(fields.attachment),
    '/__attach_version1.0_#00000000/__substg1.0_37010102': Buffer.alloc(321, 7),
  });
}
