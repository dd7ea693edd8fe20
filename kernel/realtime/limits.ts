/** What one socket, one principal and one node may use. */
export interface RealtimeLimits {
  /** largest frame from a client */
  maxFrameBytes: number;
  /** bytes that may wait to be read by a slow client before it is closed; it can resume */
  maxBufferedBytes: number;
  /** messages that may gather while a socket catches up, before it reads the log once more */
  maxPending: number;
  /** frames a client may send at once, and per second after that */
  frameBurst: number;
  framesPerSecond: number;
  maxRooms: number;
  maxSocketsPerPrincipal: number;
  maxSocketsPerNode: number;
  /** sockets per node that have not authenticated yet */
  maxAnonymous: number;
  authenticateTimeoutMs: number;
  /** how often a socket is pinged; one that did not answer the last ping is closed */
  heartbeatMs: number;
  /** messages that a resume replays at the most */
  maxReplay: number;
}

export const defaultLimits: RealtimeLimits = {
  maxFrameBytes: 16_384,
  maxBufferedBytes: 1_048_576,
  maxPending: 1_000,
  frameBurst: 50,
  framesPerSecond: 20,
  maxRooms: 100,
  maxSocketsPerPrincipal: 20,
  maxSocketsPerNode: 10_000,
  maxAnonymous: 500,
  authenticateTimeoutMs: 10_000,
  heartbeatMs: 30_000,
  maxReplay: 10_000,
};

/** A bucket of frames that refills with time. */
export function createFrameMeter(limits: Pick<RealtimeLimits, 'frameBurst' | 'framesPerSecond'>, now: () => number = Date.now): { take(): boolean } {
  let left = limits.frameBurst;
  let at = now();
  return {
    take() {
      const time = now();
      left = Math.min(limits.frameBurst, left + ((time - at) / 1_000) * limits.framesPerSecond);
      at = time;
      left -= 1;
      return left >= 0;
    },
  };
}
