import { isDeepStrictEqual } from 'node:util';
import { Controller, HttpCode, Post, Req, Res, SetMetadata, VERSION_NEUTRAL } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { WebhookReceiver } from '../inbox/webhook.receiver.js';
import { WebhookReplier } from '../inbox/webhook.replier.js';
import { GENERATED_ROUTE } from '../raw-body/captured-route.js';
import type { AdapterRequest } from '../raw-body/raw-request.interface.js';
import { RequestRefusals } from './request-refusals.js';
import { beganAtOf, verifiedEventOf } from './verified-event.js';
import { VerifyWebhook } from './verify-webhook.decorator.js';
import { WebhookAnswer } from './webhook-answer.js';
import { WebhookEndpointRegistry } from './webhook-endpoint.registry.js';
import { WebhookRequestReader } from './webhook-request.reader.js';

/** The controller of one endpoint: a class of its own, so that path and decorators are its own. */
export function createWebhookController(
  endpointName: string,
  decorators: readonly ClassDecorator[],
): Type {
  @Controller({ version: VERSION_NEUTRAL })
  class WebhookController {
    constructor(
      private readonly endpoints: WebhookEndpointRegistry,
      private readonly reader: WebhookRequestReader,
      private readonly receiver: WebhookReceiver,
      private readonly replier: WebhookReplier,
      private readonly refusals: RequestRefusals,
      private readonly answer: WebhookAnswer,
    ) {}

    @Post()
    @HttpCode(200)
    @SetMetadata(GENERATED_ROUTE, true)
    @VerifyWebhook(endpointName)
    async receive(
      @Req() request: AdapterRequest,
      @Res({ passthrough: true }) response: unknown,
    ): Promise<object> {
      const endpoint = this.endpoints.get(endpointName);
      try {
        const event =
          verifiedEventOf(request) ?? (await this.reader.readUnverified(endpoint, request));
        const reply = this.replier.reply(event, beganAtOf(request));
        if (reply) return this.answer.reply(response, await reply);
        await this.receiver.receive(event);
        return this.answer.to(response);
      } catch (error) {
        throw this.refusals.refuse(endpointName, error, response);
      }
    }
  }

  Object.defineProperty(WebhookController, 'name', { value: controllerName(endpointName) });
  for (const decorate of decorators) decorate(WebhookController);
  return WebhookController;
}

/** Says where a generated controller is reached. Nest reads it when it registers the routes. */
export function setControllerPaths(controller: Type, paths: readonly string[]): void {
  Reflect.defineMetadata('path', [...paths], controller);
}

/** Another application made from the same module class may have set others since. */
export function hasControllerPaths(controller: Type, paths: readonly string[]): boolean {
  return isDeepStrictEqual(Reflect.getMetadata('path', controller), paths);
}

/** `stripe` gives `StripeWebhookController`. */
function controllerName(endpoint: string): string {
  const words = endpoint.split(/[^A-Za-z0-9]+/).filter(Boolean);
  return `${words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')}WebhookController`;
}
