import { type FieldDef, type PoolClient, Query } from 'pg';
import { PayloadTooLarge } from '@proofpix/sdk';

const maxRows = 1_000;
const maxBytes = 4 * 1_048_576;

export interface BoundedResult {
  readonly fields: readonly FieldDef[];
  readonly rows: readonly (readonly (string | null)[])[];
}

interface QueryConfig {
  text: string;
  values: readonly unknown[];
  name?: string;
}

/** Where `pg` keeps the error with which a statement ends once the server is done; rows after it are discarded. */
const failure = '_canceledDueToError';

/** The parts of `pg`'s query object that receive rows; its types show only how to submit one. */
interface RowReceiver {
  [failure]: unknown;
  handleDataRow(message: { fields: readonly (string | null)[]; length: number }): void;
}

const asText = { getTypeParser: () => (text: string) => text };

/**
 * Runs a statement whose result nobody bounded. Past 1,000 rows or 4 MiB the rest is discarded as it arrives and the
 * statement fails, so memory stays bounded; its timeout bounds the rest.
 *
 * @throws PAYLOAD_TOO_LARGE
 */
export function boundedQuery(client: PoolClient, config: QueryConfig): Promise<BoundedResult> {
  return new Promise((resolve, reject) => {
    const query = new Query({ ...config, values: [...config.values], rowMode: 'array', types: asText } as never);
    const receiver = query as unknown as RowReceiver;
    const receive = receiver.handleDataRow.bind(query);
    let rows = 0;
    let bytes = 0;
    receiver.handleDataRow = (message) => {
      rows += 1;
      bytes += message.length;
      if (rows > maxRows) receiver[failure] ||= PayloadTooLarge({ message: `A result has at most ${maxRows} rows.`, details: { maxRows } });
      if (bytes > maxBytes) receiver[failure] ||= PayloadTooLarge({ message: 'A result has at most 4 MiB.', details: { maxBytes } });
      receive(message);
    };
    (query as unknown as { callback: (error: Error | null, result?: { fields: FieldDef[]; rows: unknown[] }) => void }).callback = (error, result) => {
      if (error) reject(error);
      else resolve({ fields: result?.fields ?? [], rows: (result?.rows ?? []) as BoundedResult['rows'] });
    };
    client.query(query as never);
  });
}
