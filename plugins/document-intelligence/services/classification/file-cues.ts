import type { DocumentFacts } from './facts.ts';
import type { Evidence } from './text-cues.ts';

const sourceName = /\.(?:[cm]?[jt]sx?|py|rb|java|kt|go|rs|c|h|cc|cpp|hpp|cs|php|swift|sh|sql|css|scss|vue|pl|lua|scala|r|ya?ml|toml|json|xml)$/i;
const screenshotName = /screen ?shot|screenshot|bildschirmfoto|capture d.?[ée]cran|captura de pantalla|schermata|schermafbeelding/i;
const cameraName = /^(?:img|dsc[fn]?|pxl|p)_?\d{3,}|^\d{8}_\d{6}|^photo|^foto/i;
/** Common screens, without regard to which edge is longer; phones and tablets as well. */
const screens = new Set(['1280x720', '1366x768', '1440x900', '1536x864', '1600x900', '1680x1050', '1920x1080', '1920x1200', '2560x1080', '2560x1440', '2560x1600', '2880x1800', '3024x1964', '3440x1440', '3456x2234', '3840x2160', '1024x768', '1280x800', '1280x1024',
  '1334x750', '1792x828', '2436x1125', '2532x1170', '2556x1179', '2688x1242', '2778x1284', '2796x1290', '2622x1206', '2868x1320', '2340x1080', '2400x1080', '3120x1440', '3088x1440', '2048x1536', '2160x1620', '2360x1640', '2388x1668', '2732x2048']);

function imageEvidence({ image, mimeType, filename, text }: DocumentFacts): Evidence[] {
  if (image === null) return [];
  const size = `${Math.max(image.width, image.height)}x${Math.min(image.width, image.height)}`;
  const isPng = mimeType === 'image/png' || mimeType === 'image/webp';
  const written = text.trim().length;
  const cues: [boolean, string, number, string][] = [
    [image.camera, 'photo', written > 200 ? 1.5 : 4, 'A camera is named in it.'],
    [image.exposure || image.gps, 'photo', written > 200 ? 0.5 : 1.5, 'It has exposure times or a position.'],
    [!image.camera && !isPng && written < 60 && image.width * image.height > 300_000, 'photo', 1.8, 'A picture with hardly any text.'],
    [cameraName.test(filename ?? ''), 'photo', written > 200 ? 0.4 : 1.2, 'Its name is one that cameras give.'],
    [screens.has(size) && !image.camera, 'screenshot', 3, `It has the size of a screen, ${size}.`],
    [isPng && !image.camera && written > 20, 'screenshot', 1.2, 'A picture without loss and without a camera, with text.'],
    [screenshotName.test(filename ?? '') || /screenshot/i.test(image.software ?? ''), 'screenshot', 5, 'Its name says so.'],
    [isPng && image.alpha && written < 60 && !screens.has(size), 'drawing', 1.6, 'A picture with transparency and hardly any text.'],
    [isPng && !image.camera && written < 20 && !screens.has(size), 'drawing', 1, 'A picture without loss, camera and text.'],
    [/illustrator|inkscape|autocad|coreldraw|visio|draw\.io/i.test(image.software ?? ''), 'drawing', 3, 'A drawing program made it.'],
  ];
  return cues.flatMap(([holds, label, points, reason]) => (holds ? [{ label, points, reason }] : []));
}

const byType: readonly (readonly [RegExp, string, number, string])[] = [
  [/^message\/rfc822$|vnd\.ms-outlook/, 'e-mail', 6, 'It is a mail.'],
  [/spreadsheet|ms-excel|^text\/(?:csv|tab-separated-values)$/, 'spreadsheet', 4.5, 'It is a file of tables.'],
  [/presentation|ms-powerpoint/, 'presentation', 5, 'It is a file of slides.'],
  [/svg|vnd\.dwg|vnd\.dxf|opendocument\.graphics|visio|photoshop|illustrator/, 'drawing', 5, 'It is a file of drawings.'],
  [/javascript|typescript|x-(?:python|java|sh|c|c\+\+|ruby|php|perl|csrc|rust|go)|^application\/(?:json|xml|yaml|sql)$|^text\/(?:css|xml|yaml)$/, 'source-code', 4, 'It is a file of code or data.'],
];

/** What a file's type, name and picture say about its kind. */
export function fileEvidence(facts: DocumentFacts): Evidence[] {
  const type = facts.mimeType ?? '';
  const found = byType.flatMap(([pattern, label, points, reason]) => (pattern.test(type) ? [{ label, points, reason }] : []));
  if (sourceName.test(facts.filename ?? '')) found.push({ label: 'source-code', points: 5, reason: 'Its name ends as code does.' });
  return [...found, ...imageEvidence(facts)];
}
