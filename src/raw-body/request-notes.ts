import type { IncomingMessage } from 'node:http';
import type { AdapterRequest } from './raw-request.interface.js';

/** What capturing a body came to: the bytes, or why the request has to be refused. */
export type CapturedBody = { readonly bytes: Buffer } | { readonly error: Error };

/** What we know of a request. */
export interface RequestNotes {
  readonly body: CapturedBody | undefined;
  /** When its body began to be captured: at its head, before any byte of the body was waited for. */
  readonly beganAtMs: number | undefined;
  /** The event it was verified to be, set by the guard. */
  verifiedEvent: unknown;
}

/**
 * One property holds it all: on Express each property that is added to a request is dear; see
 * `ExpressFields`.
 */
const NOTES = Symbol('nestjs-webhook-inbox:notes');

interface NotedRequest extends IncomingMessage {
  [NOTES]?: RequestNotes | undefined;
}

/** Makes room for the notes, where adding a property later would be slow. */
export function declareNotes(request: IncomingMessage): void {
  (request as NotedRequest)[NOTES] = undefined;
}

export function setCapturedBody(
  request: IncomingMessage,
  body: CapturedBody,
  beganAtMs: number,
): void {
  (request as NotedRequest)[NOTES] = { body, beganAtMs, verifiedEvent: undefined };
}

export function notesOf(request: IncomingMessage): RequestNotes | undefined {
  return (request as NotedRequest)[NOTES];
}

/** The notes of a request; begun where nothing was captured. */
export function requireNotes(request: IncomingMessage): RequestNotes {
  const noted = request as NotedRequest;
  return (noted[NOTES] ??= { body: undefined, beganAtMs: undefined, verifiedEvent: undefined });
}

/** Node's own request behind that of the adapter. */
export function nodeRequestOf(request: AdapterRequest): IncomingMessage {
  return request.raw ?? (request as unknown as IncomingMessage);
}
