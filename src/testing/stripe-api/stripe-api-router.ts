import type { StripeApiAnswer } from './stripe-api-answer.js';
import type { StripeApiRequest } from './stripe-api-request.js';
import type { StripeEventDestinations } from './stripe-event-destinations.js';
import type { StripeEvents } from './stripe-events.js';
import type { StripeWebhookEndpoints } from './stripe-webhook-endpoints.js';

export type StripeApiRoute = (request: StripeApiRequest, id: string) => StripeApiAnswer;

export interface StripeApiResources {
  readonly events: StripeEvents;
  readonly webhookEndpoints: StripeWebhookEndpoints;
  readonly eventDestinations: StripeEventDestinations;
}

/** Finds what answers a request, by its method and path. */
export function createStripeApiRouter({
  events,
  webhookEndpoints: endpoints,
  eventDestinations: destinations,
}: StripeApiResources): (request: StripeApiRequest) => StripeApiAnswer | undefined {
  const routes: readonly (readonly [pattern: string, route: StripeApiRoute])[] = [
    ['GET /v1/events', (request) => events.list(request)],
    ['GET /v1/events/:id', (request, id) => events.retrieve(request, id)],
    ['GET /v2/core/events', (request) => events.listV2(request)],
    ['GET /v2/core/events/:id', (request, id) => events.retrieveV2(request, id)],
    ['POST /v1/webhook_endpoints', (request) => endpoints.create(request)],
    ['GET /v1/webhook_endpoints', (request) => endpoints.list(request)],
    ['GET /v1/webhook_endpoints/:id', (request, id) => endpoints.retrieve(request, id)],
    ['POST /v1/webhook_endpoints/:id', (request, id) => endpoints.update(request, id)],
    ['DELETE /v1/webhook_endpoints/:id', (request, id) => endpoints.delete(request, id)],
    ['POST /v2/core/event_destinations', (request) => destinations.create(request)],
    ['GET /v2/core/event_destinations', (request) => destinations.list(request)],
    ['GET /v2/core/event_destinations/:id', (request, id) => destinations.retrieve(request, id)],
    ['POST /v2/core/event_destinations/:id', (request, id) => destinations.update(request, id)],
    ['DELETE /v2/core/event_destinations/:id', (request, id) => destinations.delete(request, id)],
    [
      'POST /v2/core/event_destinations/:id/enable',
      (request, id) => destinations.enable(request, id),
    ],
    [
      'POST /v2/core/event_destinations/:id/disable',
      (request, id) => destinations.disable(request, id),
    ],
    ['POST /v2/core/event_destinations/:id/ping', (request, id) => destinations.ping(request, id)],
  ];
  const compiled = routes.map(([pattern, route]) => ({
    pattern: new RegExp(`^${pattern.replace(':id', '([^/]+)')}$`),
    route,
  }));

  return (request) => {
    for (const { pattern, route } of compiled) {
      const match = pattern.exec(`${request.method} ${request.path}`);
      if (match) return route(request, decodeURIComponent(match[1] ?? ''));
    }
    return undefined;
  };
}
