import createRouter, { type HTTPMethod } from 'find-my-way';

/** Which methods a kernel path has, for replies that say so. */
export interface PathIndex {
  add(method: string, template: string): void;
  methodsOf(path: string): string[];
}

export function createPathIndex(routerOptions: { maxParamLength: number }): PathIndex {
  const router = createRouter(routerOptions);
  const methods = new Set<HTTPMethod>();
  return {
    add(method, template) {
      methods.add(method as HTTPMethod);
      if (!router.hasRoute(method as HTTPMethod, template)) router.on(method as HTTPMethod, template, () => undefined);
    },
    methodsOf: (path) => [...methods].filter((method) => router.find(method, path) !== null),
  };
}
