import type { FanOut, Sink } from './fan-out.ts';
import { deploymentAddress, type LoggedMessage, roomAddress, tenantAddress, userAddress } from './log.ts';
import type { Outbound } from './outbound.ts';

/** What one authenticated socket listens to, and its place in the log. */
export interface Membership {
  readonly rooms: ReadonlySet<string>;
  /** Live from now on. */
  joinRoom(room: string): void;
  leaveRoom(room: string): void;
  /**
   * Sends what these addresses got since `lastId`, then goes on live: nothing is left out, nothing comes twice.
   * @returns why it cannot be done, or null
   */
  resume(lastId: bigint, addresses: readonly string[]): Promise<'too-old' | 'unknown-id' | 'too-many' | null>;
  /** All addresses of this socket. */
  addresses(): string[];
  end(): void;
}

export interface MembershipOptions {
  fanOut: FanOut;
  outbound: Outbound;
  tenantId: string | null;
  userId: string | null;
  maxPending: number;
  maxReplay: number;
}

const page = 500;
const drainMs = 30_000;

/** Call {@link FanOut.enter} first. */
export function createMembership(options: MembershipOptions): Membership {
  const { fanOut, outbound, tenantId } = options;
  const rooms = new Set<string>();
  const own = [deploymentAddress];
  if (tenantId !== null) own.push(tenantAddress);
  if (tenantId !== null && options.userId !== null) own.push(userAddress(options.userId));

  /** While the log is replayed, live messages gather here. */
  let pending: LoggedMessage[] | undefined;
  let overflowed = false;
  /** Per address: another node was ahead of this one when it sent this to the client. */
  const seenElsewhere = new Map<string, bigint>();
  const isNew = (message: LoggedMessage): boolean => message.seq > (seenElsewhere.get(message.address) ?? 0n);
  const sink: Sink = {
    deliver(message) {
      if (!isNew(message)) return;
      if (!pending) outbound.message(message);
      else if (pending.length < options.maxPending) pending.push(message);
      else overflowed = true;
    },
  };
  for (const address of own) fanOut.join(tenantId, address, sink);

  const all = (): string[] => [...own, ...[...rooms].map(roomAddress)];

  /** At the pace of the client; false when it was closed. */
  const sendAll = async (messages: readonly LoggedMessage[]): Promise<boolean> => {
    for (const message of messages) {
      if (!(await outbound.drained(drainMs))) return false;
      if (isNew(message)) outbound.message(message);
    }
    return true;
  };
  const goLive = async (): Promise<void> => {
    while (pending && pending.length > 0) {
      const held = pending;
      pending = [];
      if (!(await sendAll(held))) break;
    }
    pending = undefined;
    if (overflowed) outbound.disconnect('slow-consumer');
  };

  const replay = async (range: { after: bigint; through: bigint; addresses: readonly string[] }): Promise<'too-many' | null> => {
    let { after, through, addresses } = range;
    for (let sent = 0; !outbound.closed(); ) {
      const messages = await fanOut.log.missed({ tenantId, addresses, after, through, limit: page });
      if (!(await sendAll(messages))) return null;
      sent += messages.length;
      if (sent > options.maxReplay) return 'too-many';
      if (messages.length === page) after = messages.at(-1)?.seq ?? through;
      else if (overflowed) {
        // too much came meanwhile, for any address: read it from the log instead
        [after, through, addresses, pending, overflowed] = [through, fanOut.position(), all(), [], false];
      } else return null;
    }
    return null;
  };

  return {
    rooms,
    joinRoom(room) {
      rooms.add(room);
      fanOut.join(tenantId, roomAddress(room), sink);
    },
    leaveRoom(room) {
      rooms.delete(room);
      seenElsewhere.delete(roomAddress(room));
      fanOut.leave(tenantId, roomAddress(room), sink);
    },
    addresses: all,
    async resume(lastId, addresses) {
      // at one moment: what is handed out from here on gathers, what was before is replayed
      const through = fanOut.position();
      pending = [];
      overflowed = false;
      try {
        if (lastId > through) {
          if (lastId > (await fanOut.log.end())) return 'unknown-id';
          for (const address of addresses) seenElsewhere.set(address, lastId);
          return null;
        }
        if (lastId < (await fanOut.log.prunedThrough())) return 'too-old';
        return await replay({ after: lastId, through, addresses });
      } finally {
        await goLive();
      }
    },
    end() {
      for (const address of all()) fanOut.leave(tenantId, address, sink);
    },
  };
}
