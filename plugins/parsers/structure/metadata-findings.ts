import type { ToolTags } from '../exiftool/tool-tags.ts';
import type { Findings } from './findings.ts';

const places = /^(?:GPS(?:Position|Latitude|Longitude|Coordinates|DestLatitude)|LocationInformation|Location|LocationShown\w*|LocationCreated\w*|Sub-?location|City|Province-State|State|Country|Country-PrimaryLocationName|GeolocationCity)$/;
const devices = /^(?:(?:Internal|Camera|Body|Lens)?SerialNumber\d?|OwnerName|CameraID|UniqueCameraID|ImageUniqueID|UniqueDocumentID|DeviceSerialNo|PhotoIdentifier|ContentIdentifier|MediaGroupUUID|BurstUUID|CameraBody\w*|LensSerialNumber)$/;
const documents = /^(?:DocumentID|OriginalDocumentID|InstanceID|DerivedFrom\w*ID|HistoryInstanceID)$/;
const people = /^(?:Artist|By-line|By-lineTitle|Author|Authors|Creator|CreatorContact\w*|CreatorWork\w*|LastModifiedBy|Manager|Company|XPAuthor|CameraOwnerName|OwnerName|Rights|Copyright|CopyrightNotice|Credit|Writer-Editor|PersonInImage|Contact|HostComputer)$/;
const faces = /^(?:RegionName|RegionPersonDisplayName|PersonInImage|PersonInImageName|FaceName\w*)$/;
const thumbnails = /^(?:ThumbnailImage|PreviewImage|PhotoshopThumbnail|JpgFromRaw|OtherImage|EmbeddedImage|ThumbnailTIFF)$/;

/** Groups that are about the format, or made by ExifTool from other tags. */
const outside = new Set(['File', 'Composite', 'ICC-header', 'ICC_Profile']);

/** Of the PDF group only these fields are written by people: `Creator` is the program there. */
const isProgram = (group: string, name: string): boolean => name === 'Creator' && (group === 'PDF' || group === 'FlashPix');

/** What the tags of a file give away of place, people and device. The values themselves are not repeated. */
export function inspectTags({ printed, values }: ToolTags, findings: Findings): void {
  for (const [group, tags] of Object.entries(printed)) {
    if (outside.has(group)) continue;
    for (const [name, value] of Object.entries(tags)) {
      if (value === '' || value === null) continue;
      const where = `${group}:${name}`;
      if (places.test(name)) findings.add('LOCATION', group === 'GPS' || name.startsWith('GPS') ? 'high' : 'medium', 'The metadata tells where it was made.', where);
      else if (faces.test(name)) findings.add('PEOPLE', 'medium', 'The metadata names people in the picture.', where);
      else if (devices.test(name)) findings.add('DEVICE_IDENTIFIER', 'medium', 'The metadata holds a number by which files of one device can be linked.', where);
      else if (documents.test(name)) findings.add('DEVICE_IDENTIFIER', 'info', 'The metadata holds a number by which versions of the file can be linked.', where);
      else if (people.test(name) && !isProgram(group, name)) findings.add('AUTHOR', 'low', 'The metadata names its author or owner.', where);
      else if (thumbnails.test(name)) findings.add('THUMBNAIL', 'low', 'A small picture is inside, which may show what was cut off.', where);
    }
  }
  // Null island is what receivers write before they know better.
  const { GPSLatitude: latitude, GPSLongitude: longitude } = values['Composite'] ?? {};
  if (latitude === 0 && longitude === 0) findings.add('LOCATION', 'info', 'The position is that of a receiver without reception.');
}
