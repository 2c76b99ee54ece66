import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication, ModuleMetadata, NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Adapter } from './build-webhook-app.js';

export interface AppDefinition extends ModuleMetadata {
  readonly adapter: Adapter;
  /** Given to `NestFactory.create`; it logs nothing unless `logger` says otherwise. */
  readonly options?: NestApplicationOptions;
  /** What `main.ts` does between `create` and `listen`. */
  readonly configure?: ((app: INestApplication) => unknown) | undefined;
}

export interface RunningApp {
  readonly app: INestApplication;
  readonly url: string;
  close(): Promise<void>;
}

/** Boots an application on a free port of the loopback interface. */
export async function createApp({
  adapter,
  options,
  configure,
  ...metadata
}: AppDefinition): Promise<RunningApp> {
  class AppModule {}
  const app = await NestFactory.create({ module: AppModule, ...metadata }, createAdapter(adapter), {
    logger: false,
    abortOnError: false,
    ...options,
  });
  await configure?.(app);
  return start(app);
}

export function createAdapter(name: Adapter): AbstractHttpAdapter {
  return name === 'express' ? new ExpressAdapter() : new FastifyAdapter();
}

/** Makes an application listen that was created in another way. */
export async function start(app: INestApplication): Promise<RunningApp> {
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}`, close: () => app.close() };
}
