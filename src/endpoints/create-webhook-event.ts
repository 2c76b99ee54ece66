import type { ArrivedBy, WebhookEvent } from '../inbox/webhook-event.interface.js';
import type { RawRequest } from '../raw-body/raw-request.interface.js';
import type { ParsedEvent, WebhookEndpoint } from './webhook-endpoint.interface.js';

export interface WebhookEventOrigin {
  readonly arrivedBy: ArrivedBy;
  readonly secretLabel: string | undefined;
  readonly receivedAt: Date;
  readonly keepHeaders: ReadonlySet<string>;
}

/** An event of a request whose origin is established: by its signature, or by whoever gave it to `receive`. */
export function createWebhookEvent(
  endpoint: WebhookEndpoint,
  request: RawRequest,
  { id, type, account, livemode, payload }: ParsedEvent,
  origin: WebhookEventOrigin,
): WebhookEvent {
  return {
    source: endpoint.source,
    id,
    type,
    endpoint: endpoint.name,
    arrivedBy: origin.arrivedBy,
    secretLabel: origin.secretLabel,
    receivedAt: origin.receivedAt,
    headers: pickHeaders(request.headers, origin.keepHeaders),
    account,
    livemode,
    rawBody: request.rawBody,
    payload,
  };
}

function pickHeaders(
  headers: RawRequest['headers'],
  names: ReadonlySet<string>,
): Readonly<Record<string, string>> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) picked[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return picked;
}
