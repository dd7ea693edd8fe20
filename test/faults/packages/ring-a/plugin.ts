import { definePlugin } from '@proofpix/sdk';

export default definePlugin({ id: 'ring-a', version: '1.0.0', title: 'ring-a', description: 'Cannot be installed.', publisher: 'circle', dependencies: { 'ring-b': { range: '^1.0.0' } } });
