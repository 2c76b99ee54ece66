import { WebhookEndpointRegistry } from '../../endpoints/webhook-endpoint.registry.js';
import { WebhookHandlerRegistry } from '../../handlers/webhook-handler.registry.js';
import type { Command } from '../command.interface.js';
import { table } from '../table.js';

export const handlersCommand: Command = {
  name: 'handlers',
  description: 'the endpoints, and which handlers listen to which types',
  options: [],
  run: async ({ app }) => {
    const endpoints = app.get(WebhookEndpointRegistry, { strict: false });
    const handlers = app.get(WebhookHandlerRegistry, { strict: false });
    const rows = endpoints.all().flatMap(({ name, sender }) =>
      handlers.ofEndpoint(name).map(({ id, types }) => ({
        endpoint: name,
        sender,
        paths: endpoints.pathsOf(name),
        handler: id,
        types,
      })),
    );
    const lines = rows.map((each) => [each.endpoint, each.handler, each.types.join(', ')]);
    const text = table(['ENDPOINT', 'HANDLER', 'TYPES'], lines) || 'No handlers.\n';
    return { json: rows, text };
  },
};
