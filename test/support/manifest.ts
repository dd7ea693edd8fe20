import type { Manifest } from '@proofpix/sdk';

/** A manifest with nothing in it but what a test gives. */
export function testManifest(given: Partial<Manifest> & { id: string }): Manifest {
  return {
    format: 1,
    version: '1.0.0',
    engine: '^1.0.0',
    title: given.id,
    description: '',
    dependencies: {},
    capabilities: [],
    secrets: {},
    collections: {},
    permissions: {},
    routes: [],
    events: {},
    subscriptions: [],
    hookPoints: {},
    hooks: [],
    jobs: {},
    provides: {},
    limits: {},
    migrations: { drop: [] },
    ...given,
  };
}
