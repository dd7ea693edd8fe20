import { PayloadTooLarge, ValidationError } from '@proofpix/sdk';

/** What a client may send. `ref` comes back in the answer. */
export type ClientFrame =
  | { event: 'authenticate'; data: { token: string | null; apiKey: string | null; teamId: string | null; lastId: bigint | null; rooms: string[] }; ref: string | null }
  | { event: 'join'; data: { room: string; lastId: bigint | null }; ref: string | null }
  | { event: 'leave'; data: { room: string }; ref: string | null }
  | { event: 'ping'; ref: string | null };

/** `<kind>:<id>`. */
export const roomPattern = /^[a-z][a-z0-9-]{0,31}:[A-Za-z0-9_-]{1,128}$/;
export const idPattern = /^\d{1,18}$/;
const maxTextLength = 8_192;
/** Of one `authenticate` frame. */
export const maxRooms = 100;

function invalid(field: string, issue: string): Error {
  return ValidationError({ details: { field, issue } });
}

function textOf(data: Record<string, unknown>, field: string): string | null {
  const value = data[field] ?? null;
  if (value === null) return null;
  if (typeof value !== 'string') throw invalid(`data.${field}`, 'must be a string');
  if (value.length > maxTextLength) throw PayloadTooLarge({ details: { field: `data.${field}`, maxLength: maxTextLength } });
  return value;
}

function idOf(data: Record<string, unknown>): bigint | null {
  const value = data['lastId'] ?? null;
  if (value === null) return null;
  if (typeof value !== 'string' || !idPattern.test(value)) throw invalid('data.lastId', 'must be the id of a frame');
  return BigInt(value);
}

function roomOf(value: unknown, field: string): string {
  if (typeof value !== 'string' || !roomPattern.test(value)) throw invalid(field, 'must be <kind>:<id>');
  return value;
}

function roomsOf(data: Record<string, unknown>): string[] {
  const rooms = data['rooms'] ?? [];
  if (!Array.isArray(rooms) || rooms.length > maxRooms) throw invalid('data.rooms', `must be a list of at most ${maxRooms} rooms`);
  return rooms.map((room, index) => roomOf(room, `data.rooms/${index}`));
}

/** @throws VALIDATION_ERROR or PAYLOAD_TOO_LARGE */
export function parseFrame(text: string): ClientFrame {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    throw invalid('', 'is not JSON');
  }
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) throw invalid('', 'must be an object');
  const { event, data = {}, ref = null } = frame as Record<string, unknown>;
  if (ref !== null && (typeof ref !== 'string' || ref.length > 64)) throw invalid('ref', 'must be a string of at most 64 characters');
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw invalid('data', 'must be an object');
  const fields = data as Record<string, unknown>;
  switch (event) {
    case 'authenticate':
      return { event, ref, data: { token: textOf(fields, 'token'), apiKey: textOf(fields, 'apiKey'), teamId: textOf(fields, 'teamId'), lastId: idOf(fields), rooms: roomsOf(fields) } };
    case 'join':
      return { event, ref, data: { room: roomOf(fields['room'], 'data.room'), lastId: idOf(fields) } };
    case 'leave':
      return { event, ref, data: { room: roomOf(fields['room'], 'data.room') } };
    case 'ping':
      return { event, ref };
    default:
      throw invalid('event', 'must be authenticate, join, leave or ping');
  }
}
