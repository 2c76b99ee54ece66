import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { CAPTURED_ROUTE } from '../raw-body/captured-route.js';
import { WebhookSignatureGuard } from './webhook-signature.guard.js';

/**
 * Lets a POST route of a controller of your own be called only with a signature of an endpoint's
 * sender. It brings the raw body and the endpoint's `maxBodyBytes` with it. Take the verified payload
 * with `@VerifiedEvent()`. Handlers are not run and nothing is stored.
 *
 * @param endpoint The name of a configured endpoint; with `path: false` it has no route besides yours.
 *
 * @example
 * @Post('stripe-status')
 * @VerifyWebhook('stripe')
 * receive(@VerifiedEvent() event: Stripe.Event) {}
 */
export function VerifyWebhook(endpoint: string): MethodDecorator {
  return applyDecorators(SetMetadata(CAPTURED_ROUTE, endpoint), UseGuards(WebhookSignatureGuard));
}
