/** An application of Nest on an adapter, as `main.ts` would make it. Answers its port. */
export async function createApp(
  { load, adapter, maxBodyBytes },
  imports,
  { rawBody = false } = {},
) {
  const { Module } = load('@nestjs/common');
  const { NestFactory } = load('@nestjs/core');
  class AppModule {}
  Module(imports)(AppModule);

  const app = await (adapter === 'fastify'
    ? NestFactory.create(AppModule, createFastify(load), { logger: false, rawBody })
    : NestFactory.create(AppModule, { logger: false, rawBody }));
  // Larger bodies than Nest takes by itself.
  if (rawBody) app.useBodyParser(...bodyParser(adapter, maxBodyBytes));
  await app.listen(0, '127.0.0.1');
  return app.getHttpServer().address().port;
}

function createFastify(load) {
  const { FastifyAdapter } = load('@nestjs/platform-fastify');
  return new FastifyAdapter();
}

function bodyParser(adapter, maxBodyBytes) {
  return adapter === 'fastify'
    ? ['application/json', { bodyLimit: maxBodyBytes }]
    : ['json', { limit: maxBodyBytes }];
}
