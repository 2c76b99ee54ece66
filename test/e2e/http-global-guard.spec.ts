import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Controller, Get, SetMetadata } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { send } from '../support/send.js';
import { eventJson, SECRET, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

const Public = () => SetMetadata('isPublic', true);

/** Lets nobody in who has no session, but for what is public. */
@Injectable()
class SessionGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    return (
      this.reflector.getAllAndOverride<boolean>('isPublic', [
        context.getHandler(),
        context.getClass(),
      ]) ?? false
    );
  }
}

@Controller('profile')
class ProfileController {
  @Get()
  get() {
    return { name: 'Zoë' };
  }
}

describe.each(ADAPTERS)('a global guard on %s', (adapter) => {
  let running: RunningApp;

  afterEach(() => running.close());

  it('guards an endpoint as every other route', async () => {
    await boot([]);

    const answer = await post(eventJson());

    expect(answer.status).toBe(403);
    expect(running.app.get(StripeRecorder).contexts).toEqual([]);
  });

  it('lets an endpoint pass that is decorated as public, and no other route', async () => {
    await boot([Public()]);

    const answer = await post(eventJson());
    const other = await send(`${running.url}/profile`, { method: 'GET' });

    expect(answer.status).toBe(200);
    expect(other.status).toBe(403);
  });

  it('leaves the check of the signature to the endpoint', async () => {
    await boot([Public()]);

    const answer = await post(eventJson(), 'whsec_of_a_stranger');

    expect(answer).toMatchObject({ status: 400, body: { code: 'signature_mismatch' } });
  });

  async function boot(decorators: ClassDecorator[]): Promise<void> {
    running = await createApp({
      adapter,
      imports: [StripeWebhooksModule.forRoot({ secrets: SECRET, decorators })],
      controllers: [ProfileController],
      providers: [StripeRecorder, { provide: APP_GUARD, useClass: SessionGuard }],
    });
  }

  function post(body: string, secret = SECRET) {
    const headers = signedHeaders(body, { secret });
    return send(`${running.url}/webhooks/stripe`, { headers, body });
  }
});
