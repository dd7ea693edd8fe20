import type { Camera, Description, Exposure } from '../contract.ts';
import type { RawTags } from './raw-tags.ts';
import { asList, asPositive, firstText } from './tag-values.ts';

function unlessEmpty<T extends object>(value: T): T | null {
  return Object.values(value).every((item) => item === null || (Array.isArray(item) && item.length === 0)) ? null : value;
}

export function cameraOf({ exif, xmp, container }: RawTags): Camera | null {
  return unlessEmpty({
    make: firstText(exif['Make'], xmp['tiff']?.['Make'], container.make),
    model: firstText(exif['Model'], xmp['tiff']?.['Model'], container.model),
    lens: firstText(exif['LensModel'], xmp['aux']?.['Lens'], xmp['exifEX']?.['LensModel'], container.lens),
    software: firstText(exif['Software'], xmp['xmp']?.['CreatorTool'], container.software),
  });
}

export function exposureOf({ exif }: RawTags): Exposure | null {
  const flash = exif['Flash'];
  return unlessEmpty({
    exposureTimeSeconds: asPositive(exif['ExposureTime']),
    fNumber: asPositive(exif['FNumber']),
    iso: asPositive(exif['ISO']),
    focalLengthMm: asPositive(exif['FocalLength']),
    focalLength35Mm: asPositive(exif['FocalLengthIn35mmFormat']),
    // Spelt out by the parser, or the bare value, whose lowest bit says it (CIPA DC-008, Flash).
    flashFired: typeof flash === 'string' ? /^(Flash fired|Fired|On)/.test(flash) : typeof flash === 'number' ? (flash & 1) === 1 : null,
  });
}

/** IPTC and XMP say the same in two places; XMP is the younger and knows its encoding. */
export function descriptionOf({ exif, iptc, xmp, container }: RawTags): Description | null {
  const { dc = {}, photoshop = {} } = xmp;
  return unlessEmpty({
    title: firstText(dc['title'], iptc['ObjectName'], photoshop['Headline'], iptc['Headline'], container.title),
    caption: firstText(dc['description'], iptc['Caption'], exif['ImageDescription'], container.caption),
    creator: firstText(dc['creator'], iptc['Byline'], exif['Artist'], container.creator),
    copyright: firstText(dc['rights'], iptc['CopyrightNotice'], exif['Copyright'], container.copyright),
    keywords: asList(dc['subject'] ?? iptc['Keywords'] ?? container.keywords),
  });
}
