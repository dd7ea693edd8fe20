import { Type } from 'typebox';
import { idPattern, maxRooms, roomPattern } from './frames.ts';
import { disconnectReasons, type DisconnectReason } from './outbound.ts';

const closed = { additionalProperties: false };
const text = Type.Union([Type.String(), Type.Null()]);
const FrameId = Type.String({ pattern: idPattern.source, description: 'The id of a frame that was received.' });
const Room = Type.String({ pattern: roomPattern.source, description: '`<kind>:<id>`, e.g. `document:<id>`.' });
const Rooms = Type.Array(Room, { maxItems: maxRooms });

/** Of a frame about the connection itself: what it says, and the schema of its `data`. */
interface ControlFrame {
  summary: string;
  data: ReturnType<typeof Type.Object>;
}

/** What the server sends by itself or in answer; plugins' and the deployment's messages come on top. */
export const serverFrames: Readonly<Record<string, ControlFrame>> = {
  connection: { summary: 'The socket is open; authenticate within ten seconds.', data: Type.Object({ connectionId: Type.String(), retentionSeconds: Type.Number(), heartbeatSeconds: Type.Number(), maxFrameBytes: Type.Integer() }, closed) },
  authenticate: { summary: 'You are in. `lastId`: where the stream stands.', data: Type.Object({ ok: Type.Boolean(), userId: text, tenantId: text, rooms: Rooms, lastId: FrameId }, closed) },
  'resume-failed': { summary: 'Not all that was missed can be sent again: read the state anew.', data: Type.Object({ reason: Type.Enum(['too-old', 'unknown-id', 'too-many']), lastId: FrameId, retentionSeconds: Type.Number() }, closed) },
  join: { summary: 'You hear this room.', data: Type.Object({ room: Room }, closed) },
  leave: { summary: 'You no longer hear this room.', data: Type.Object({ room: Room }, closed) },
  pong: { summary: 'The answer to a ping.', data: Type.Object({}, closed) },
  error: { summary: 'A frame was refused; in the shape of all errors.', data: Type.Object({ error: Type.String(), message: Type.String(), details: Type.Record(Type.String(), Type.Unknown()), requestId: Type.String() }, closed) },
  disconnect: {
    summary: 'The server closes the socket; with `resume`, come again with the last id.',
    data: Type.Object({ reason: Type.Enum(Object.keys(disconnectReasons) as DisconnectReason[]), resume: Type.Boolean(), message: Type.Optional(Type.String()) }, closed),
  },
  'system:maintenance': { summary: 'Maintenance mode of the deployment began or ended.', data: Type.Object({ on: Type.Boolean(), message: text, until: text }, closed) },
};

/** What a client sends; `parseFrame` checks it. A `ref` comes back in the answer. */
export const clientFrames: Readonly<Record<string, ControlFrame>> = {
  authenticate: {
    summary: 'Who you are: an access token or an API key; what you missed since `lastId` is sent first.',
    data: Type.Object({ token: Type.Optional(text), apiKey: Type.Optional(text), teamId: Type.Optional(text), lastId: Type.Optional(FrameId), rooms: Type.Optional(Rooms) }),
  },
  join: { summary: 'Hear a room too.', data: Type.Object({ room: Room, lastId: Type.Optional(FrameId) }) },
  leave: { summary: 'No longer hear a room.', data: Type.Object({ room: Room }) },
  ping: { summary: 'Answered by `pong`.', data: Type.Object({}) },
};
