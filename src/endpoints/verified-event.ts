import type { WebhookEvent } from '../inbox/webhook-event.interface.js';
import type { AdapterRequest } from '../raw-body/raw-request.interface.js';
import { nodeRequestOf, notesOf, requireNotes } from '../raw-body/request-notes.js';

/** Only the guard calls this. */
export function setVerifiedEvent(request: AdapterRequest, event: WebhookEvent): void {
  requireNotes(nodeRequestOf(request)).verifiedEvent = event;
}

/** When the request began; undefined where its bytes were not captured by us. */
export function beganAtOf(request: AdapterRequest): number | undefined {
  return notesOf(nodeRequestOf(request))?.beganAtMs;
}

export function verifiedEventOf(request: AdapterRequest): WebhookEvent | undefined {
  return notesOf(nodeRequestOf(request))?.verifiedEvent as WebhookEvent | undefined;
}
