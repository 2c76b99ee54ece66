import { RequestMethod, VersioningType } from '@nestjs/common';
import type { INestApplication, ModuleMetadata, NestApplicationOptions } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import compression from 'compression';
import express from 'express';
import helmet from 'helmet';
import type { Adapter } from './build-webhook-app.js';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { createAdapter, createApp, start } from './create-app.js';
import type { RunningApp } from './create-app.js';
import { recordingLogger } from './recording-logger.js';

/** A way in which applications are set up, and where their routes are then found. */
export interface HttpConfiguration {
  readonly configuration: string;
  readonly adapters?: readonly Adapter[];
  readonly options?: NestApplicationOptions;
  readonly configure?: (app: INestApplication) => unknown;
  /** Prefix of the module that has the endpoint, by RouterModule. */
  readonly modulePrefix?: string;
  readonly usesTestingModule?: boolean;
  readonly endpointPath?: string;
  readonly otherPath?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const CONFIGURATIONS: readonly HttpConfiguration[] = [
  { configuration: 'the default' },
  { configuration: 'rawBody: true', options: { rawBody: true } },
  { configuration: 'bodyParser: false', options: { bodyParser: false } },
  { configuration: 'cors: true', options: { cors: true } },
  {
    configuration: 'a global prefix',
    configure: (app) => app.setGlobalPrefix('api/v1'),
    endpointPath: '/api/v1/webhooks/stripe',
    otherPath: '/api/v1/other',
  },
  {
    configuration: 'a global prefix that excludes the endpoint',
    configure: (app) =>
      app.setGlobalPrefix('api', {
        exclude: [{ path: 'webhooks/stripe', method: RequestMethod.POST }],
      }),
    otherPath: '/api/other',
  },
  {
    configuration: 'a global prefix that excludes by a wildcard',
    configure: (app) => app.setGlobalPrefix('api', { exclude: ['webhooks/*path'] }),
    otherPath: '/api/other',
  },
  {
    configuration: 'URI versioning with a default version',
    configure: (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
    otherPath: '/v1/other',
  },
  {
    configuration: 'URI versioning with a default version and a global prefix',
    configure: (app) => {
      app.setGlobalPrefix('api');
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' });
    },
    endpointPath: '/api/webhooks/stripe',
    otherPath: '/api/v2/other',
  },
  {
    configuration: 'header versioning with a default version',
    configure: (app) =>
      app.enableVersioning({
        type: VersioningType.HEADER,
        header: 'x-version',
        defaultVersion: '1',
      }),
    headers: { 'x-version': '1' },
  },
  {
    configuration: 'RouterModule',
    modulePrefix: 'payments',
    endpointPath: '/payments/webhooks/stripe',
  },
  {
    configuration: "a JSON parser of the application's own",
    adapters: ['express'],
    configure: (app) => app.use(express.json({ limit: '10mb' })),
  },
  {
    configuration: "a parser for everything of the application's own",
    adapters: ['fastify'],
    configure: (app) => parseEverythingAsText(app.getHttpAdapter().getInstance()),
  },
  { configuration: 'helmet', adapters: ['express'], configure: (app) => app.use(helmet()) },
  {
    configuration: 'compression',
    adapters: ['express'],
    configure: (app) => app.use(compression({ threshold: 0 })),
    headers: { 'accept-encoding': 'identity' },
  },
  { configuration: 'a TestingModule', usesTestingModule: true },
];

/** The configurations that an adapter has, for `describe.each`. */
export function configurationsOf(adapter: Adapter): HttpConfiguration[] {
  return CONFIGURATIONS.filter(({ adapters }) => !adapters || adapters.includes(adapter));
}

/** Boots an application in a configuration. */
export async function createConfiguredApp(
  adapter: Adapter,
  { options, configure, modulePrefix, usesTestingModule }: HttpConfiguration,
  { imports = [], ...metadata }: ModuleMetadata,
): Promise<RunningApp> {
  const router = modulePrefix
    ? [RouterModule.register([{ path: modulePrefix, module: StripeWebhooksModule }])]
    : [];
  const whole = { ...metadata, imports: [...imports, ...router] };
  if (!usesTestingModule) {
    return createApp({ ...whole, adapter, options: options ?? {}, configure });
  }
  const testingModule = await Test.createTestingModule(whole)
    .setLogger(recordingLogger())
    .compile();
  return start(testingModule.createNestApplication(createAdapter(adapter)));
}

interface FastifyParsers {
  addContentTypeParser(
    type: string,
    options: object,
    parse: (request: unknown, body: string, done: (error: null, body: string) => void) => void,
  ): void;
}

function parseEverythingAsText(fastify: FastifyParsers): void {
  fastify.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
}
