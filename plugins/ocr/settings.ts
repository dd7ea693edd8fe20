import { Type } from '@proofpix/sdk';

/** What the operator gives. */
export const Settings = Type.Object(
  {
    /** Pages read at once on a node: a core and some 200 MB each. */
    threads: Type.Integer({ minimum: 1, maximum: 16 }),
  },
  { additionalProperties: false },
);
