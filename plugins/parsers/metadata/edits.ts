import type { Warning } from '../contract.ts';
import type { ToolTags } from '../exiftool/tool-tags.ts';
import { parseLocalTime } from './capture.ts';
import { jpegSizeOf } from './jpeg-size.ts';
import { asList, asNumber, asText } from './tag-values.ts';

/** Programs for changing pictures and documents of pictures; a camera's own firmware is none. */
const editors =
  /\b(photoshop|lightroom|camera raw|gimp|affinity|capture one|darktable|rawtherapee|snapseed|pixelmator|paint\.net|photopea|canva|picsart|vsco|facetune|luminar|acdsee|photoscape|picasa|irfanview|xnview|imagemagick|graphicsmagick|fotor|polarr|meitu|faststone|corel|paintshop|topaz|dxo|skylum|illustrator|inkscape|windows photo|microsoft photo|photos \d|instagram)/i;

/** Whose cameras write maker notes into every photo. */
const makersWithNotes: readonly (readonly [make: RegExp, groups: RegExp])[] = [
  [/^apple/i, /^Apple/],
  [/^canon/i, /^Canon/],
  [/^nikon/i, /^Nikon/],
  [/^sony/i, /^Sony/],
  [/^fujifilm/i, /^FujiFilm/],
  [/^(olympus|om digital)/i, /^Olympus/],
  [/^panasonic/i, /^Panasonic/],
];

const hourMs = 3_600_000;
/** What two zones may differ by, when a date does not say its own. */
const zonesMs = 26 * hourMs;

const sign = (code: string, message: string): Warning => ({ code, message });

interface Evidence extends ToolTags {
  /** Of a picture, or of a PDF; null when the content is not at hand. */
  content: Uint8Array | null;
}

function softwareOf({ values }: Evidence): Warning | null {
  const history = asList(values['XMP-xmpMM']?.['HistorySoftwareAgent']);
  const named = [values['IFD0']?.['Software'], values['IFD0']?.['ProcessingSoftware'], values['XMP-xmp']?.['CreatorTool'], values['PNG']?.['Software'], values['IPTC']?.['OriginatingProgram'], values['Photoshop']?.['WriterName'], ...history];
  const found = named.map(asText).find((name) => name !== null && editors.test(name));
  return found === undefined || found === null ? null : sign('EDITING_SOFTWARE', `The file was saved by ${found.slice(0, 100)}.`);
}

function datesOf({ values }: Evidence): Warning | null {
  const exif = values['ExifIFD'] ?? {};
  const taken = parseLocalTime(exif['DateTimeOriginal']);
  if (taken === null) return null;
  const others = [
    { what: 'changed', value: values['IFD0']?.['ModifyDate'], later: true },
    { what: 'changed, according to XMP,', value: values['XMP-xmp']?.['ModifyDate'], later: true },
    { what: 'taken, according to XMP,', value: values['XMP-photoshop']?.['DateCreated'], later: false },
    { what: 'digitised', value: exif['CreateDate'], later: false },
  ];
  for (const { what, value, later } of others) {
    const other = parseLocalTime(value);
    if (other === null) continue;
    const differenceMs = other.asUtcMs - taken.asUtcMs;
    const toleranceMs = other.offset === taken.offset ? hourMs : zonesMs;
    if ((later ? differenceMs : Math.abs(differenceMs)) > toleranceMs) return sign('DATES_DISAGREE', `The picture was taken at ${taken.text} and ${what} at ${other.text}.`);
  }
  return null;
}

function dimensionsOf({ values }: Evidence): Warning | null {
  const { File: file = {}, ExifIFD: exif = {} } = values;
  const [width, height, was, tall] = [file['ImageWidth'], file['ImageHeight'], exif['ExifImageWidth'], exif['ExifImageHeight']].map(asNumber);
  if (file['FileType'] !== 'JPEG' || !width || !height || !was || !tall) return null;
  const same = (width === was && height === tall) || (width === tall && height === was);
  return same ? null : sign('DIMENSIONS_DISAGREE', `The camera made ${was} × ${tall} pixels, the picture has ${width} × ${height}: it was cut or resized.`);
}

/** Every camera's thumbnail after DCF (JEITA CP-3461) has 160 × 120 pixels, with black bars where the picture is wider; others are rounded up to whole blocks. */
function thumbnailOf({ values, content }: Evidence): Warning | null {
  const { File: file = {}, IFD1: thumb = {} } = values;
  const [start, length, width, height] = [thumb['ThumbnailOffset'], thumb['ThumbnailLength'], file['ImageWidth'], file['ImageHeight']].map(asNumber);
  if (content === null || !start || !length || !width || !height) return null;
  const size = jpegSizeOf(content.subarray(start, start + length));
  if (size === null) return null;
  const barred = size.width === 160 && size.height === 120;
  const ratio = width / height;
  const differs = barred ? ratio < 1.2 : Math.abs(Math.log(size.width / size.height / ratio)) > 0.1;
  return differs ? sign('THUMBNAIL_DIFFERS', `The small picture inside has ${size.width} × ${size.height} pixels, another shape than ${width} × ${height}.`) : null;
}

function makerNotesOf({ values }: Evidence): Warning | null {
  if (values['File']?.['FileType'] !== 'JPEG') return null;
  const make = asText(values['IFD0']?.['Make']) ?? '';
  const rule = makersWithNotes.find(([maker]) => maker.test(make));
  if (rule === undefined || Object.keys(values).some((group) => rule[1].test(group)) || Object.keys(values['ExifIFD'] ?? {}).some((name) => name.startsWith('MakerNote'))) return null;
  return sign('METADATA_STRIPPED', `A camera of ${make} writes notes of its own into every photo; here they are missing.`);
}

function historyOf({ values }: Evidence): Warning | null {
  const steps = asList(values['XMP-xmpMM']?.['HistoryAction']);
  if (steps.length > 0) return sign('EDIT_HISTORY', `The file lists ${steps.length} steps of its editing: ${steps.slice(0, 10).join(', ').slice(0, 300)}.`);
  if (values['XMP-crs'] !== undefined && Object.keys(values['XMP-crs']).length > 3) return sign('EDIT_HISTORY', 'The file holds the settings with which a raw picture was developed.');
  return Object.keys(values['XMP-xmpMM'] ?? {}).some((name) => name.startsWith('DerivedFrom')) ? sign('EDIT_HISTORY', 'The file says that it was derived from another one.') : null;
}

/** IPTC's vocabulary of digital source types, and what common generators write. */
function generatedOf({ values }: Evidence): Warning | null {
  const source = Object.entries(values).map(([, tags]) => asText(tags['DigitalSourceType'])).find((type) => type !== null);
  if (source !== undefined && source !== null && /(trainedAlgorithmicMedia|algorithmicMedia)$/i.test(source)) return sign('GENERATED', 'The file says that a program made the picture, or a part of it.');
  const parameters = asText(values['PNG']?.['Parameters']);
  return parameters !== null && /\bSteps: \d+/.test(parameters) ? sign('GENERATED', 'The file holds the instructions from which a program made the picture.') : null;
}

/** Changes to a PDF may be appended (ISO 32000-1, section 7.5.6), and the older state can be had back. */
function updatesOf({ values, content }: Evidence): Warning | null {
  if (values['PDF'] === undefined || content === null) return null;
  const buffer = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  let ends = 0;
  for (let at = buffer.indexOf('startxref'); at >= 0 && ends < 1000; at = buffer.indexOf('startxref', at + 9)) ends += 1;
  // A linearised file has two by nature (annex F).
  const states = ends - (values['PDF']['Linearized'] === true || /^(yes|true)$/i.test(asText(values['PDF']['Linearized']) ?? '') ? 1 : 0);
  return states > 1 ? sign('INCREMENTAL_UPDATES', `The file was changed ${states - 1} times after it was made; the earlier states are still inside.`) : null;
}

const checks = [softwareOf, datesOf, dimensionsOf, thumbnailOf, makerNotesOf, historyOf, generatedOf, updatesOf];

/** Signs that a file was edited after it was made. None of them proves it, and there need be none. */
export function editsOf(evidence: Evidence): Warning[] {
  return checks.map((check) => check(evidence)).filter((found) => found !== null);
}
