// Starts an application whose services have so many methods, ten a class, and prints how long that took.
// Arguments: the adapter, how many methods, whether they are handlers.
import 'reflect-metadata';
import { Module, Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { OnStripeEvent, StripeWebhooksModule } from 'nestjs-webhook-inbox/stripe';
import { stopwatch } from './stopwatch.mjs';

const METHODS_A_CLASS = 10;
const [adapter, countText, isDecorated] = process.argv.slice(2);
const count = Number(countText);

const decorating = stopwatch();
const services = Array.from({ length: count / METHODS_A_CLASS }, (_, index) =>
  createService(index),
);
const decorated = decorating();

class AppModule {}
Module({
  imports: [StripeWebhooksModule.forRoot({ secrets: 'whsec_of_the_benchmark' })],
  providers: services,
})(AppModule);
const httpAdapter = await createAdapter();

const starting = stopwatch();
const app = await NestFactory.create(AppModule, httpAdapter, { logger: false });
await app.listen(0, '127.0.0.1');
process.stdout.write(JSON.stringify({ start: starting(), decorated }));
await app.close();

function createService(index) {
  const { [`Service${index}`]: Service } = { [`Service${index}`]: class {} };
  for (let method = 0; method < METHODS_A_CLASS; method++) {
    const descriptor = { value: () => undefined, configurable: true, writable: true };
    Object.defineProperty(Service.prototype, `handle${method}`, descriptor);
    if (isDecorated !== 'true') continue;
    OnStripeEvent(method % 2 === 0 ? 'invoice.paid' : 'customer.subscription.*')(
      Service.prototype,
      `handle${method}`,
      descriptor,
    );
  }
  Injectable()(Service);
  return Service;
}

async function createAdapter() {
  if (adapter === 'fastify') {
    const { FastifyAdapter } = await import('@nestjs/platform-fastify');
    return new FastifyAdapter();
  }
  const { ExpressAdapter } = await import('@nestjs/platform-express');
  return new ExpressAdapter();
}
