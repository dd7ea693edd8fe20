import { kernelSignIn, pluginKit } from '@proofpix/sdk';
import { Settings } from './settings.ts';

export const services = { signIn: kernelSignIn };

const kit = pluginKit({ services, settings: Settings });

export const { route } = kit;
export type OauthContext = typeof kit.Context;
