import { defineError } from '@proofpix/sdk';

/** The results are on another server process; a request that reaches it gets them. */
export const SessionOnAnotherNode = defineError({ code: 'SESSION_ON_ANOTHER_NODE', kind: 'unavailable', message: 'The results of this session are on another server. Try again; they exist nowhere else.' });
