import { Type } from '@proofpix/sdk';

/** What the operator gives. */
export const Settings = Type.Object(
  {
    /** `tcp://host:port` or `unix:///path`; null without a scanner. */
    clamdUrl: Type.Union([Type.String({ maxLength: 500 }), Type.Null()]),
  },
  { additionalProperties: false },
);
