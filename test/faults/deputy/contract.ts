import { defineService, Type } from '@proofpix/sdk';

export const lender = defineService({ id: 'lender.store', version: '1.0.0', methods: { keep: { input: Type.Object({ text: Type.String() }), output: Type.Object({ sizeBytes: Type.Integer() }) } } });
