import { definePlugin } from '@proofpix/sdk';

export default definePlugin({ id: 'needy', version: '1.0.0', title: 'needy', description: 'Cannot be installed.', publisher: 'circle', dependencies: { files: { range: '^99.0.0' } } });
