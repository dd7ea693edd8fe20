import type { MetadataReport } from '@proofpix/plugin-parsers/contract';
import type { SecurityFinding } from '../../contract.ts';

const serialTag = /serial ?number|InternalSerial|ImageUniqueID|OwnerName|CameraOwner|DeviceID|HostComputer|MediaUniqueID/i;
const personTag = /^(?:Author|Creator|Artist|By-line|LastModifiedBy|Manager|Company|OwnerName|Producer'?s? ?Name|XPAuthor)$/i;

/** What a file's metadata gives away about places, people and devices. Values are left out: who reads findings need not learn them. */
export function metadataLeaks(metadata: MetadataReport): SecurityFinding[] {
  const findings: SecurityFinding[] = [];
  if (metadata.gps !== null) findings.push({ code: 'LOCATION', severity: 'medium', message: 'The file tells where it was made, to within metres.', where: null });
  const tags = Object.entries(metadata.tags).flatMap(([group, values]) => Object.keys(values).map((name) => ({ group, name })));
  const people = tags.filter(({ name }) => personTag.test(name));
  if (people.length > 0 || (metadata.description?.creator ?? null) !== null) {
    findings.push({ code: 'AUTHOR', severity: 'low', message: 'The file names who made it, or for whom.', where: people[0] === undefined ? null : `${people[0].group}:${people[0].name}`.slice(0, 500) });
  }
  const serial = tags.find(({ name }) => serialTag.test(name));
  if (serial !== undefined) findings.push({ code: 'DEVICE_IDENTIFIER', severity: 'low', message: 'The file holds a number or name by which the device can be told from all others.', where: `${serial.group}:${serial.name}`.slice(0, 500) });
  for (const { code, message } of metadata.edits) findings.push({ code, severity: 'info', message, where: null });
  return findings;
}
