import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { InboxLifecycle } from '../inbox/inbox-lifecycle.js';
import type { WebhookEvent } from '../inbox/webhook-event.interface.js';
import { CAPTURED_ROUTE } from '../raw-body/captured-route.js';
import type { AdapterRequest } from '../raw-body/raw-request.interface.js';
import { RequestRefusals } from './request-refusals.js';
import { setVerifiedEvent } from './verified-event.js';
import { WebhookEndpointRegistry } from './webhook-endpoint.registry.js';
import { WebhookRequestReader } from './webhook-request.reader.js';

/**
 * Lets a request pass whose bytes a secret of the endpoint has signed. The generated controllers and
 * `@VerifyWebhook` have it; in a test, `overrideGuard(WebhookSignatureGuard)` makes the endpoint take
 * unsigned events.
 *
 * Answers 400, 413 or 415 for a request it refuses, and 503 during shutdown.
 */
@Injectable()
export class WebhookSignatureGuard implements CanActivate {
  constructor(
    private readonly endpoints: WebhookEndpointRegistry,
    private readonly lifecycle: InboxLifecycle,
    private readonly reader: WebhookRequestReader,
    private readonly refusals: RequestRefusals,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const endpoint = this.endpoints.get(endpointNameOf(context));
    const http = context.switchToHttp();
    const request = http.getRequest<AdapterRequest>();
    const accept = (event: WebhookEvent): boolean => {
      setVerifiedEvent(request, event);
      return true;
    };
    const refuse = (error: unknown): never => {
      throw this.refusals.refuse(endpoint.name, error, http.getResponse());
    };
    try {
      this.lifecycle.assertOpen();
      const event = this.reader.readVerified(endpoint, request);
      return event instanceof Promise ? event.then(accept, refuse) : accept(event);
    } catch (error) {
      return refuse(error);
    }
  }
}

function endpointNameOf(context: ExecutionContext): string {
  const name: unknown = Reflect.getMetadata(CAPTURED_ROUTE, context.getHandler());
  if (typeof name === 'string') return name;
  throw new WebhookConfigurationError(
    `${context.getClass().name}.${context.getHandler().name} has WebhookSignatureGuard and no endpoint. Use ` +
      '@VerifyWebhook(endpoint), which brings the guard with it.',
  );
}
