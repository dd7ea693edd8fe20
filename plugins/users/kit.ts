import { imagesSquares } from '@proofpix/plugin-images/contract';
import { teamsMembers } from '@proofpix/plugin-teams/contract';
import { kernelTeams, kernelUsers, pluginKit } from '@proofpix/sdk';
import { collections } from './collections.ts';

export const services = { users: kernelUsers, teams: kernelTeams, members: teamsMembers, images: imagesSquares };

const kit = pluginKit({ collections, services });

export const { route, job, subscriber } = kit;
export type UsersContext = typeof kit.Context;
