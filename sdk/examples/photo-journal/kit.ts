import { pluginKit, Type } from '@proofpix/sdk';
import { collections } from './collections.ts';

export const config = Type.Object(
  {
    /** Answers `GET ?latitude=&longitude=&date=` with `{summary}`; empty for no weather. */
    weatherUrl: Type.String({ maxLength: 500, default: 'https://api.weather.example/v1/past' }),
    /** Tell everybody's open sessions when the journal grows. */
    announce: Type.Boolean({ default: true }),
  },
  { additionalProperties: false },
);

const kit = pluginKit({ collections, config });

export const { route, job, subscriber } = kit;
export type Ctx = typeof kit.Context;
