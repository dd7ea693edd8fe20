import { defineError } from '@proofpix/sdk';
import semver from 'semver';

export const DependencyUnsolvable = defineError({ code: 'DEPENDENCY_UNSOLVABLE', kind: 'conflict', message: 'The dependencies cannot be satisfied.' });

/** What the solver needs to know of a version. */
export interface Candidate {
  id: string;
  version: string;
  engine: string;
  dependencies: Readonly<Record<string, { range: string; optional?: boolean | undefined }>>;
}

export interface Solution {
  /** Plugin id → version, the wanted one included. */
  versions: ReadonlyMap<string, string>;
  /** Dependencies before dependants. */
  order: readonly string[];
  /** A sentence per plugin: why this version. */
  reasons: ReadonlyMap<string, string>;
}

interface Demand {
  by: string;
  range: string;
}

/** Steps of the search before it gives up: a hostile graph must not hold the kernel. */
const maxSteps = 20_000;

/**
 * Chooses one version for each plugin that `wanted` needs. Prefers what is installed, then the
 * newest; backtracks. A cycle is refused, since start order would have no answer.
 *
 * @throws DEPENDENCY_UNSOLVABLE with a sentence that says who needs what.
 */
export function solve(wanted: { id: string; range: string }, available: (id: string) => readonly Candidate[], options: { engine: string; installed?: ReadonlyMap<string, string> }): Solution {
  const demands = new Map<string, Demand[]>([[wanted.id, [{ by: 'you', range: wanted.range }]]]);
  const chosen = new Map<string, Candidate>();
  let steps = 0;
  let failure = '';

  const fits = (id: string, candidate: Candidate): boolean => (demands.get(id) ?? []).every((demand) => semver.satisfies(candidate.version, demand.range, { includePrerelease: false }));

  function candidates(id: string): Candidate[] {
    const installed = options.installed?.get(id);
    return [...available(id)]
      .filter((candidate) => semver.satisfies(options.engine, candidate.engine))
      .toSorted((a, b) => (a.version === installed ? -1 : b.version === installed ? 1 : semver.rcompare(a.version, b.version)));
  }

  function explain(id: string): string {
    const asked = (demands.get(id) ?? []).map((demand) => `${demand.by} ${demand.by === 'you' ? 'want' : 'needs'} ${id} ${demand.range}`).join(' and ');
    const all = available(id);
    if (all.length === 0) return `${asked}, but there is no plugin ${id}.`;
    const usable = candidates(id);
    if (usable.length === 0) return `${asked}, but no version of ${id} runs on engine ${options.engine}.`;
    return `${asked}, but there ${usable.length === 1 ? 'is only' : 'are only'} ${usable.slice(0, 5).map((candidate) => candidate.version).join(', ')}.`;
  }

  function assign(queue: readonly string[]): boolean {
    if (++steps > maxSteps) throw DependencyUnsolvable({ message: 'The dependencies are too entangled to solve.', details: { steps: maxSteps } });
    const [id, ...rest] = queue;
    if (id === undefined) return true;
    const already = chosen.get(id);
    if (already !== undefined) {
      if (fits(id, already)) return assign(rest);
      failure ||= explain(id);
      return false;
    }
    const usable = candidates(id).filter((candidate) => fits(id, candidate));
    if (usable.length === 0) failure ||= explain(id);
    for (const candidate of usable) {
      chosen.set(id, candidate);
      const added: string[] = [];
      for (const [dependency, { range, optional }] of Object.entries(candidate.dependencies)) {
        if (optional === true && available(dependency).length === 0) continue;
        const list = demands.get(dependency) ?? [];
        list.push({ by: `${id} ${candidate.version}`, range });
        demands.set(dependency, list);
        added.push(dependency);
      }
      if (assign([...added, ...rest])) return true;
      for (const dependency of added) (demands.get(dependency) as Demand[]).pop();
      chosen.delete(id);
    }
    return false;
  }

  if (!assign([wanted.id])) throw DependencyUnsolvable({ message: failure || 'The dependencies cannot be satisfied.', details: { plugin: wanted.id } });
  const reasons = new Map([...chosen].map(([id, candidate]) => [id, `${id} ${candidate.version}: ${(demands.get(id) as Demand[]).map((demand) => `${demand.by} ${demand.by === 'you' ? 'want' : 'needs'} ${demand.range}`).join(', ')}`]));
  return { versions: new Map([...chosen].map(([id, candidate]) => [id, candidate.version])), order: startOrder([...chosen.values()]), reasons };
}

/**
 * Dependencies before dependants, ties by id.
 *
 * @throws DEPENDENCY_UNSOLVABLE naming the cycle.
 */
export function startOrder(candidates: readonly Candidate[]): string[] {
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const order: string[] = [];
  const done = new Set<string>();
  const visit = (id: string, path: readonly string[]): void => {
    if (done.has(id)) return;
    if (path.includes(id)) throw DependencyUnsolvable({ message: `The dependencies form a cycle: ${[...path.slice(path.indexOf(id)), id].join(' → ')}.`, details: { cycle: [...path.slice(path.indexOf(id)), id] } });
    for (const dependency of Object.keys(byId.get(id)?.dependencies ?? {}).toSorted()) if (byId.has(dependency)) visit(dependency, [...path, id]);
    done.add(id);
    order.push(id);
  };
  for (const id of [...byId.keys()].toSorted()) visit(id, []);
  return order;
}
