import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { AdapterRequest } from '../raw-body/raw-request.interface.js';
import { verifiedEventOf } from './verified-event.js';

/** The verified payload, on a parameter of a method that has `@VerifyWebhook(endpoint)`. */
export const VerifiedEvent = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const event = verifiedEventOf(context.switchToHttp().getRequest<AdapterRequest>());
  if (event) return event.payload;
  throw new WebhookConfigurationError(
    `@VerifiedEvent() in ${context.getClass().name}.${context.getHandler().name} found no verified event. ` +
      'Put @VerifyWebhook(endpoint) on the method.',
  );
});
