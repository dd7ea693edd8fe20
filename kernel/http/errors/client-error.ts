import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorBody } from './error-reply.ts';

interface Refusal {
  status: number;
  code: string;
  message: string;
}

const refusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'REQUEST_HEADER_FIELDS_TOO_LARGE', message: 'The headers are too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'REQUEST_TIMEOUT', message: 'The request did not arrive in time.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, code: 'PAYLOAD_TOO_LARGE', message: 'The chunk extensions are too large.' },
};
const malformed: Refusal = { status: 400, code: 'VALIDATION_ERROR', message: 'This is not a valid HTTP request.' };

/** Answers, in the one shape, what the HTTP parser refused before there was a request; then closes the socket. */
export function answerClientError(error: Error & { code?: string }, socket: Socket, requestId: string): void {
  // Node's own name for the reply under way on a socket
  // oxlint-disable-next-line no-underscore-dangle
  const replying = (socket as Socket & { _httpMessage?: { headersSent: boolean } | null })._httpMessage?.headersSent === true;
  if (replying || error.code === 'ECONNRESET' || !socket.writable || socket.destroyed) {
    socket.destroy();
    return;
  }
  const { status, code, message } = refusals[error.code ?? ''] ?? malformed;
  const details = status === 400 ? { field: 'request', issue: 'is malformed' } : {};
  const body = JSON.stringify({ error: code, message, details, requestId } satisfies ErrorBody);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nx-content-type-options: nosniff\r\nx-request-id: ${requestId}\r\nconnection: close\r\n\r\n${body}`,
  );
  // a peer that keeps its half open has had its answer
  socket.setTimeout(1_000, () => socket.destroy());
}
