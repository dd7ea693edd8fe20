import { definePlugin } from '@proofpix/sdk';

export default definePlugin({ id: 'ring-b', version: '1.0.0', title: 'ring-b', description: 'Cannot be installed.', publisher: 'circle', dependencies: { 'ring-a': { range: '^1.0.0' } } });
