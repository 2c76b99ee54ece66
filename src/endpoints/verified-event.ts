import type { WebhookEvent } from '../inbox/webhook-event.interface.js';

const VERIFIED_EVENT = Symbol('nestjs-webhook-inbox:verified-event');

interface VerifiedRequest {
  [VERIFIED_EVENT]?: WebhookEvent;
}

/** Only the guard calls this. */
export function setVerifiedEvent(request: object, event: WebhookEvent): void {
  (request as VerifiedRequest)[VERIFIED_EVENT] = event;
}

export function verifiedEventOf(request: object): WebhookEvent | undefined {
  return (request as VerifiedRequest)[VERIFIED_EVENT];
}
