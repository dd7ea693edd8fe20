import type { ParseStatus } from '../contract.ts';

/** Ends the reading of a file with a status. `code` and `message` become its warning. */
export class ParseProblem extends Error {
  readonly status: ParseStatus;
  readonly code: string;

  constructor(status: ParseStatus, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const damaged = (message: string): ParseProblem => new ParseProblem('damaged', 'DAMAGED', message);
export const encrypted = (): ParseProblem => new ParseProblem('encrypted', 'PASSWORD_NEEDED', 'The file can only be opened with its password.');
