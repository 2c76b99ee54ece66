// A parser that leaves the buffer as it is, and constructEvent.
export async function start({ load, secret, maxBodyBytes, handlers, handle }) {
  const { fastify } = load('fastify');
  const Stripe = load('stripe');
  const stripe = new Stripe('sk_test_benchmark');
  const app = fastify({ bodyLimit: maxBodyBytes });

  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  app.post('/webhooks/stripe', async (request, reply) => {
    let event;
    try {
      event = stripe.webhooks.constructEvent(
        request.body,
        request.headers['stripe-signature'],
        secret,
      );
    } catch (error) {
      return reply.code(400).send({ message: error.message });
    }
    for (let index = 0; index < handlers; index++) await handle(event);
    return { received: true };
  });

  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: app.server.address().port, path: '/webhooks/stripe' };
}
