import type { ToolTags } from '../exiftool/tool-tags.ts';
import type { ContainerTags, RawTags } from './raw-tags.ts';
import type { Tags } from './tag-values.ts';

/** ExifTool begins names of XMP with a capital (`Title`), the specification does not (`title`). */
const small = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
/** Namespaces whose properties are written in small letters. */
const smallNames = new Set(['dc']);

/** Renamed by ExifTool because other groups have tags of that name. */
const iptcNames: Readonly<Record<string, string>> = { 'Caption-Abstract': 'Caption', 'By-line': 'Byline' };

const renamed = (tags: Tags, nameOf: (name: string) => string): Tags => Object.fromEntries(Object.entries(tags).map(([name, value]) => [nameOf(name), value]));

/** The first group that has one of these tags. */
function firstOf(values: Readonly<Record<string, Tags>>, paths: readonly string[]): { value: unknown; path: string } | null {
  for (const path of paths) {
    const [group = '', name = ''] = path.split('.');
    const value = values[group]?.[name];
    if (value !== undefined && value !== '' && !(typeof value === 'string' && value.startsWith('0000:00:00'))) return { value, path };
  }
  return null;
}

const id3 = (name: string): string[] => ['ID3v2_4', 'ID3v2_3', 'ID3v2_2', 'ID3v1'].map((group) => `${group}.${name}`);
const track = ['QuickTime', 'Keys', 'ItemList', 'UserData'];
const of = (groups: readonly string[], name: string): string[] => groups.map((group) => `${group}.${name}`);

function containerOf(values: Readonly<Record<string, Tags>>, printed: ToolTags['printed']): ContainerTags {
  const value = (...paths: string[]): unknown => firstOf(values, paths)?.value;
  const created = firstOf(values, ['Keys.CreationDate', 'UserData.DateTimeOriginal', 'QuickTime.CreateDate', 'PDF.CreateDate', 'XMP-dcterms.Created', 'XML.CreateDate', 'FlashPix.CreateDate', 'Matroska.DateTimeOriginal', 'RIFF.DateTimeOriginal']);
  const lens = printed['Composite']?.['LensID'];
  return {
    ...(created === null ? {} : { created: { value: created.value, source: created.path } }),
    title: value('PDF.Title', 'FlashPix.Title', 'XML.Title', ...of(track, 'Title'), ...id3('Title'), 'PNG.Title', 'SVG.Title', 'HTML.Title'),
    caption: value('PDF.Subject', 'FlashPix.Subject', ...of(track, 'Description'), 'PNG.Description'),
    creator: value('PDF.Author', 'FlashPix.Author', ...of(track, 'Author'), ...of(track, 'Artist'), ...id3('Artist'), 'PNG.Author', 'HTML.Author'),
    copyright: value(...of(track, 'Copyright'), ...id3('Copyright'), 'PNG.Copyright'),
    keywords: value('PDF.Keywords', 'FlashPix.Keywords', ...of(track, 'Keywords')),
    software: value('PDF.Creator', 'PDF.Producer', 'FlashPix.Software', 'XML.Application', ...of(track, 'Software'), 'PNG.Software'),
    make: value(...of(track, 'Make')),
    model: value(...of(track, 'Model')),
    lens: typeof lens === 'string' && !lens.startsWith('Unknown') ? lens : undefined,
  };
}

/** ExifTool's groups in the form that the summaries are made from. */
export function rawFromTool({ values, printed }: ToolTags): RawTags {
  const gps = values['GPS'] ?? {};
  const composite = values['Composite'] ?? {};
  const position: Tags = typeof composite['GPSLatitude'] === 'number' && typeof composite['GPSLongitude'] === 'number' ? { latitude: composite['GPSLatitude'], longitude: composite['GPSLongitude'] } : {};
  const xmp = Object.entries(values).filter(([group]) => group.startsWith('XMP-'));
  return {
    exif: { ...values['IFD0'], ...values['ExifIFD'] },
    gps: { GPSAltitude: composite['GPSAltitude'], ...gps, ...position },
    iptc: renamed(values['IPTC'] ?? {}, (name) => iptcNames[name] ?? name),
    icc: {},
    xmp: Object.fromEntries(xmp.map(([group, tags]) => [group.slice(4), smallNames.has(group.slice(4)) ? renamed(tags, small) : tags])),
    container: containerOf(values, printed),
    unreadable: [],
  };
}
