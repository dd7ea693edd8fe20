const near = 2048;

/**
 * Whether ExifTool would take tens of seconds over a PDF: it decrypts AES-256 (ISO 32000-2, section 7.6.4, revisions
 * 5 and 6) in plain perl. The dictionary of the encryption is itself never encrypted or packed.
 */
export function isSlowPdf(content: Uint8Array): boolean {
  const buffer = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (!buffer.includes('/Encrypt')) return false;
  for (let at = buffer.indexOf('/Standard'), n = 0; at >= 0 && n < 100; at = buffer.indexOf('/Standard', at + 9), n += 1) {
    if (/\/(?:V|R)\s*[56]\b/.test(buffer.toString('latin1', Math.max(0, at - near), at + near))) return true;
  }
  return false;
}
