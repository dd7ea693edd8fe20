import { definePlugin } from '@proofpix/sdk';

export default definePlugin({ id: 'future', version: '1.0.0', title: 'future', description: 'Cannot be installed.', publisher: 'circle', engine: '^9.0.0' });
