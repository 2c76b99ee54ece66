import { RequestMethod } from '@nestjs/common';
import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { CAPTURED_ROUTE } from '../raw-body/captured-route.js';

/** Where Nest's `@Post()` and its like keep the method. */
const METHOD_METADATA = 'method';

/** @throws WebhookConfigurationError for a method with `@VerifyWebhook` that is no POST route. */
export function assertVerifiedRoutes(discovery: DiscoveryService, scanner: MetadataScanner): void {
  for (const { metatype } of discovery.getControllers()) {
    const prototype = metatype?.prototype as Record<string, object> | undefined;
    if (!prototype) continue;
    for (const name of scanner.getAllMethodNames(prototype)) {
      const method = prototype[name]!;
      if (!Reflect.hasMetadata(CAPTURED_ROUTE, method)) continue;
      if (Reflect.getMetadata(METHOD_METADATA, method) === RequestMethod.POST) continue;
      throw new WebhookConfigurationError(
        `${metatype!.name}.${name} has @VerifyWebhook and no @Post(). Webhooks are POST requests, and only of ` +
          'those the bytes are kept.',
      );
    }
  }
}
