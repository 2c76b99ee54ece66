import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Catch, Injectable, ValidationPipe } from '@nestjs/common';
import type {
  ArgumentsHost,
  CallHandler,
  CanActivate,
  ExecutionContext,
  NestInterceptor,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, BaseExceptionFilter } from '@nestjs/core';
import type { ServerResponse } from 'node:http';
import { tap } from 'rxjs';
import { OnStripeEvent, StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { send } from '../support/send.js';
import { eventJson, SECRET, signedHeaders } from '../support/stripe-recorder.js';

/** What the application's enhancers saw, in order. */
const seen: string[] = [];
const notes: unknown[] = [];

@Injectable()
class NotingGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    seen.push(`guard ${context.getType()} ${context.getClass().name}.${context.getHandler().name}`);
    return true;
  }
}

@Injectable()
class NotingInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    seen.push(`interceptor ${context.getType()}`);
    return next.handle().pipe(tap((result) => notes.push(result)));
  }
}

/** Reads what error reporters read. */
@Catch()
class ReportingFilter extends BaseExceptionFilter {
  override catch(exception: Error & { status?: number }, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<ServerResponse & { raw?: ServerResponse }>();
    seen.push(`filter ${host.getType()} ${exception.status}`);
    notes.push((response.raw ?? response).headersSent);
    super.catch(exception, host);
  }
}

@Injectable()
class BillingService {
  @OnStripeEvent('invoice.paid')
  extendSubscription(): void {}

  @OnStripeEvent('charge.failed')
  fail(): void {
    throw new Error('the ledger is closed');
  }
}

const GUARD = 'guard http StripeWebhookController.receive';
const INTERCEPTOR = 'interceptor http';

describe.each(ADAPTERS)("the application's own enhancers on %s", (adapter) => {
  let running: RunningApp;

  beforeAll(async () => {
    running = await createApp({
      adapter,
      imports: [StripeWebhooksModule.forRoot({ secrets: SECRET })],
      providers: [
        BillingService,
        { provide: APP_GUARD, useClass: NotingGuard },
        { provide: APP_INTERCEPTOR, useClass: NotingInterceptor },
        { provide: APP_FILTER, useClass: ReportingFilter },
      ],
      configure: (app) =>
        app.useGlobalPipes(
          new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }),
        ),
    });
  });
  afterAll(() => running.close());
  beforeEach(() => {
    seen.length = 0;
    notes.length = 0;
  });

  it('see one HTTP context for a handled event, and its answer', async () => {
    const { status } = await post(eventJson());

    expect(status).toBe(200);
    expect(seen).toEqual([GUARD, INTERCEPTOR]);
    expect(notes).toEqual([{ received: true }]);
  });

  it('see one HTTP context for an event whose handler failed', async () => {
    const { status } = await post(eventJson().replace('invoice.paid', 'charge.failed'));

    expect(status).toBe(500);
    expect(seen).toEqual([GUARD, INTERCEPTOR, 'filter http 500']);
    expect(notes).toEqual([false]);
  });

  it('see one HTTP context for a forged request', async () => {
    const { status } = await post(eventJson(), signedHeaders('something else'));

    expect(status).toBe(400);
    expect(seen).toEqual([GUARD, 'filter http 400']);
    expect(notes).toEqual([false]);
  });

  it('see one HTTP context for a body that is too large', async () => {
    const { status } = await post('x'.repeat(1_100_000));

    expect(status).toBe(413);
    // Express answers before the route is found, Fastify from the guard.
    expect(seen).toEqual([...(adapter === 'fastify' ? [GUARD] : []), 'filter http 413']);
    expect(notes).toEqual([false]);
  });

  function post(body: string, headers = signedHeaders(body)) {
    return send(`${running.url}/webhooks/stripe`, { headers, body });
  }
});
