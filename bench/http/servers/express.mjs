// What Stripe's documentation shows: express.raw and constructEvent.
import { once } from 'node:events';

export async function start({ load, secret, maxBodyBytes, handlers, handle }) {
  const express = load('express');
  const Stripe = load('stripe');
  const stripe = new Stripe('sk_test_benchmark');
  const app = express();

  app.post(
    '/webhooks/stripe',
    express.raw({ type: 'application/json', limit: maxBodyBytes }),
    async (request, response) => {
      let event;
      try {
        event = stripe.webhooks.constructEvent(
          request.body,
          request.headers['stripe-signature'],
          secret,
        );
      } catch (error) {
        return response.status(400).json({ message: error.message });
      }
      for (let index = 0; index < handlers; index++) await handle(event);
      response.json({ received: true });
    },
  );

  // Without it Express logs each body that is too large.
  app.use((error, _request, response, _next) => {
    response.status(error.status ?? 500).json({ message: error.message });
  });

  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, path: '/webhooks/stripe' };
}
