import { afterEach } from '@jest/globals';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { WEBHOOK_INBOX_CLOCK, WebhookInboxModule } from '../../src/index.js';
import type { Clock, WebhookInboxOptions } from '../../src/index.js';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import type { StripeWebhooksOptions } from '../../src/stripe/index.js';
import { createWebhookTester } from '../../src/testing/index.js';
import type { StripeTesterEndpoint, WebhookTester } from '../../src/testing/index.js';
import { recordingLogger } from './recording-logger.js';
import type { RecordingLogger } from './recording-logger.js';

export const ADAPTERS = ['express', 'fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

export interface WebhookAppOptions extends ModuleMetadata {
  readonly adapter: Adapter;
  /** The endpoints, each with a secret of its own. Default: one, named `stripe`. */
  readonly endpoints?: readonly (Partial<StripeWebhooksOptions> & { readonly name?: string })[];
  readonly inbox?: WebhookInboxOptions;
  readonly clock?: Clock;
  readonly override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
}

export interface WebhookApp {
  readonly app: INestApplication;
  readonly logger: RecordingLogger;
  /** Sends to an endpoint as Stripe does. */
  readonly stripe: (endpoint?: string) => StripeTesterEndpoint;
  readonly tester: WebhookTester;
}

const apps: INestApplication[] = [];

// Every application that a test has built ends with the test.
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

/** Builds an application without starting it: for tests in which the start is to fail. */
export async function buildWebhookApp(options: WebhookAppOptions): Promise<WebhookApp> {
  const { adapter, endpoints = [{}], inbox, clock, override, imports, ...metadata } = options;
  const logger = recordingLogger();
  let builder = Test.createTestingModule({
    ...metadata,
    imports: [
      ...(inbox ? [WebhookInboxModule.forRoot(inbox)] : []),
      ...endpoints.map(({ name = 'stripe', ...endpoint }) =>
        StripeWebhooksModule.forRoot({ name, secrets: `whsec_${name}`, ...endpoint }),
      ),
      ...(imports ?? []),
    ],
  }).setLogger(logger);
  if (clock) builder = builder.overrideProvider(WEBHOOK_INBOX_CLOCK).useValue(clock);
  if (override) builder = override(builder);

  const testingModule = await builder.compile();
  const app = testingModule.createNestApplication(
    adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter(),
  );
  const tester = createWebhookTester(app);
  return { app, logger, tester, stripe: (endpoint) => tester.stripe(endpoint) };
}

/** Builds an application and lets it listen; it is closed after the test. */
export async function startWebhookApp(options: WebhookAppOptions): Promise<WebhookApp> {
  const webhookApp = await buildWebhookApp(options);
  apps.push(webhookApp.app);
  await webhookApp.app.listen(0, '127.0.0.1');
  return webhookApp;
}
