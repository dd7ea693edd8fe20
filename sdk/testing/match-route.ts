import type { RouteManifest } from '../manifest.ts';

export interface RouteMatch {
  route: RouteManifest;
  params: Record<string, string>;
}

function paramsOf(pattern: readonly string[], steps: readonly string[]): Record<string, string> | null {
  if (pattern.length !== steps.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const step = steps[at] as string;
    if (part.startsWith(':')) {
      if (step === '') return null;
      params[part.slice(1)] = step;
    } else if (part !== step) return null;
  }
  return params;
}

/** Which route serves this; a literal step wins over a parameter. Parameters are percent-decoded. */
export function matchRoute(routes: readonly RouteManifest[], method: string, path: string): RouteMatch | null {
  const steps = path.split('/').map((step) => {
    try {
      return decodeURIComponent(step);
    } catch {
      return step;
    }
  });
  const matches = routes.flatMap((route) => {
    const pattern = route.path.split('/');
    const params = route.method === method ? paramsOf(pattern, steps) : null;
    return params === null ? [] : [{ route, params, literals: pattern.map((part) => (part.startsWith(':') ? '1' : '0')).join('') }];
  });
  const [best] = matches.toSorted((a, b) => (a.literals < b.literals ? -1 : 1));
  return best === undefined ? null : { route: best.route, params: best.params };
}
