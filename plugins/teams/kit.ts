import { kernelMail, kernelRoles, kernelTeams, pluginKit } from '@proofpix/sdk';
import { collections } from './collections.ts';

export const services = { teams: kernelTeams, roles: kernelRoles, mail: kernelMail };

const kit = pluginKit({ collections, services });

export const { route, job, subscriber, provide } = kit;
export type TeamsContext = typeof kit.Context;
