import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { All, Controller, Get, Post, Put } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { VerifyWebhook, WebhookConfigurationError } from '../../src/index.js';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';

/** A controller with one method, decorated with `@VerifyWebhook` and the given route. */
function controllerWith(route: MethodDecorator, path = 'own'): Type {
  @Controller(path)
  class OwnController {
    @route
    @VerifyWebhook('stripe')
    receive(): void {}
  }
  return OwnController;
}

const noRoute: MethodDecorator = () => undefined;

/** What an application with this controller refuses to start with. */
function refusalOf(adapter: Adapter, controller: Type): Promise<unknown> {
  return createApp({
    adapter,
    imports: [StripeWebhooksModule.forRoot({ secrets: 'whsec_stripe' })],
    controllers: [controller],
  }).then(
    (running) => running.close(),
    (error: unknown) => error,
  );
}

describe.each(ADAPTERS)('a route with @VerifyWebhook on %s', (adapter) => {
  it('refuses to start on the path of the generated route, and names it', async () => {
    const error = await refusalOf(adapter, controllerWith(Post(), 'webhooks/stripe'));

    expect(error).toBeInstanceOf(WebhookConfigurationError);
    expect((error as Error).message).toBe(
      "A route with @VerifyWebhook('stripe') has the path \"/webhooks/stripe\" of the endpoint's generated " +
        'route, and one would hide the other. Give it another path, or the endpoint { path: false }.',
    );
  });

  it.each([
    ['@Put()', Put()],
    ['@Get()', Get()],
    ['@All()', All()],
    ['no HTTP decorator', noRoute],
  ])('refuses to start with %s instead of @Post()', async (_what, route) => {
    const error = await refusalOf(adapter, controllerWith(route));

    expect(error).toBeInstanceOf(WebhookConfigurationError);
    expect((error as Error).message).toBe(
      'OwnController.receive has @VerifyWebhook and no @Post(). Webhooks are POST requests, and only of ' +
        'those the bytes are kept.',
    );
  });
});

describe('a route with @VerifyWebhook and a wildcard on express', () => {
  it('refuses to start, and says what can be served', async () => {
    const error = await refusalOf('express', controllerWith(Post('x/*splat')));

    expect(error).toBeInstanceOf(WebhookConfigurationError);
    expect((error as Error).message).toBe(
      'The route "/own/x/*splat" of webhook endpoint "stripe" cannot be served: use literal segments and ' +
        ':parameters, such as "webhooks/stripe".',
    );
  });
});
