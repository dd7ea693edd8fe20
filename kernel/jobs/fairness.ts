/**
 * Start-time fair queueing (Goyal, Vin, Cheng 1996) in pg-boss's priority column. Every waiting job carries a virtual
 * start tag; the smallest is fetched first. A tenant's next tag is one round after its last one, but never before the
 * point that service has reached. So a tenant with 10,000 waiting jobs lies 10,000 / quantum rounds deep, and the
 * single job of another one joins the round being served.
 *
 * The tags are kept per node: a tenant that sends through n nodes gets up to n shares. When a fetch finds the queue
 * empty the point moves to the clock, which keeps nodes near each other and the numbers small.
 */
export interface Fairness {
  /** Priority for the next job of this tenant in this queue. */
  priorityOf(queue: string, tenantId: string): number;
  /** Tells what a fetch answered: the priorities of its jobs, and whether there was nothing more. */
  served(queue: string, priorities: readonly number[], drained: boolean): void;
}

export interface FairnessOptions {
  /** milliseconds since the epoch */
  now?: () => number;
  /** jobs of one tenant per round, default 10 */
  quantum?: number;
}

/** Tags count seconds from here, so that they fit the 32 bits of the priority column until 2160. */
const epochMs = Date.UTC(2026, 0, 1);
const largest = 2_147_483_647;
const maxTenants = 10_000;

/** Twice the range: negative priorities count on. */
const priorityOfTag = (tag: number): number => Math.max(-largest, largest - tag);

interface Lane {
  /** tag that service has reached */
  point: number;
  /** last tag per tenant, and how many jobs carry it */
  last: Map<string, { tag: number; used: number }>;
}

export function createFairness(options: FairnessOptions = {}): Fairness {
  const now = options.now ?? Date.now;
  const quantum = options.quantum ?? 10;
  const lanes = new Map<string, Lane>();
  const clock = (): number => Math.max(0, Math.floor((now() - epochMs) / 1_000));
  const laneOf = (queue: string): Lane => {
    const lane = lanes.get(queue) ?? { point: clock(), last: new Map() };
    lanes.set(queue, lane);
    return lane;
  };
  return {
    priorityOf(queue, tenantId) {
      const lane = laneOf(queue);
      const last = lane.last.get(tenantId);
      if (!last || last.tag < lane.point) {
        if (lane.last.size >= maxTenants) {
          // a tag behind the point says nothing; the rest lose their place, which costs the others a round
          for (const [id, { tag }] of lane.last) if (tag <= lane.point) lane.last.delete(id);
          if (lane.last.size >= maxTenants) lane.last.clear();
        }
        lane.last.set(tenantId, { tag: lane.point, used: 1 });
        return priorityOfTag(lane.point);
      }
      if (last.used >= quantum) {
        last.tag += 1;
        last.used = 0;
      }
      last.used += 1;
      return priorityOfTag(last.tag);
    },
    served(queue, priorities, drained) {
      const lane = laneOf(queue);
      if (drained) {
        lane.point = clock();
        lane.last.clear();
        return;
      }
      let smallest = largest;
      for (const priority of priorities) smallest = Math.min(smallest, priority);
      if (priorities.length > 0) lane.point = largest - smallest;
    },
  };
}
