import type { IncomingMessage } from 'node:http';

/** What capturing a body came to: the bytes, or why the request has to be refused. */
export type CapturedBody = { readonly bytes: Buffer } | { readonly error: Error };

const CAPTURED_BODY = Symbol('nestjs-webhook-inbox:captured-body');

interface CapturingRequest extends IncomingMessage {
  [CAPTURED_BODY]?: CapturedBody;
}

export function setCapturedBody(request: IncomingMessage, body: CapturedBody): void {
  (request as CapturingRequest)[CAPTURED_BODY] = body;
}

export function capturedBodyOf(request: IncomingMessage): CapturedBody | undefined {
  return (request as CapturingRequest)[CAPTURED_BODY];
}
