// What Svix's documentation shows: express.raw and its library's verify, which parses nothing.
import { once } from 'node:events';

export async function start({ load, secret, maxBodyBytes, handlers, handle }) {
  const express = load('express');
  const { Webhook } = load('svix');
  const webhook = new Webhook(secret);
  const app = express();

  app.post(
    '/webhooks/svix',
    express.raw({ type: 'application/json', limit: maxBodyBytes }),
    async (request, response) => {
      try {
        webhook.verify(request.body, request.headers);
      } catch (error) {
        return response.status(400).json({ message: error.message });
      }
      const event = JSON.parse(request.body);
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
  return { port: server.address().port, path: '/webhooks/svix' };
}
