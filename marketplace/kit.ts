import { kernelPlugins, pluginKit } from '@proofpix/sdk';

export const services = { plugins: kernelPlugins };

export const { route } = pluginKit({ services });
