import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { assertDelay } from '../inbox/webhook-inbox.options.js';
import { toReplyJson } from './to-reply-json.js';
import type { WebhookHandler } from './webhook-handler.interface.js';
import { listensTo } from './webhook-handler.registry.js';
import type { ReplySettings } from './webhook-reply.interface.js';

/** @throws WebhookConfigurationError for a reply handler that cannot work, or two for one request. */
export function assertReplyHandlers(
  handlers: readonly WebhookHandler[],
  endpoints: readonly { readonly name: string; readonly sender: string }[],
): void {
  const repliers = handlers.filter(({ isReply }) => isReply);
  for (const handler of repliers) assertReplyHandler(handler);
  for (const endpoint of endpoints) assertOneReply(repliers, endpoint);
}

function assertReplyHandler({
  id,
  subscriptions,
  timeoutMs,
  isTransactional,
}: WebhookHandler): void {
  for (const { reply, types, laneOf } of subscriptions) {
    if (!reply) {
      throw new WebhookConfigurationError(
        `Handler ${id} has a decorator with { reply: true } and one without. A method replies or it does ` +
          'not: use two methods.',
      );
    }
    const pattern = types.find((type) => type.endsWith('*'));
    if (pattern !== undefined) {
      throw new WebhookConfigurationError(
        `Handler ${id} replies to "${pattern}". A reply is for exact types: name them.`,
      );
    }
    if (laneOf) {
      throw new WebhookConfigurationError(
        `Handler ${id} replies and has a lane. Its sender does not wait for one: leave it out.`,
      );
    }
    assertSettings(id, reply);
  }
  if (isTransactional) {
    throw new WebhookConfigurationError(
      `Handler ${id} replies and has a transaction. A reply is sent before its delivery is stored: leave ` +
        'the transaction out, and open one of your own.',
    );
  }
  if (timeoutMs === undefined) return;
  throw new WebhookConfigurationError(
    `Handler ${id} replies and has a timeoutMs. Its time is deadlineMs: leave timeoutMs out.`,
  );
}

function assertSettings(id: string, { deadlineMs, fallback }: ReplySettings): void {
  assertDelay(`deadlineMs of handler ${id}`, deadlineMs);
  try {
    toReplyJson(fallback);
  } catch (cause) {
    throw new WebhookConfigurationError(
      `Handler ${id} has a fallback that is no JSON object. Give one, such as { approved: false }.`,
      { cause },
    );
  }
}

function assertOneReply(
  repliers: readonly WebhookHandler[],
  endpoint: { readonly name: string; readonly sender: string },
): void {
  const byType = new Map<string, string>();
  for (const { id, subscriptions } of repliers) {
    for (const subscription of subscriptions) {
      if (!listensTo(subscription, endpoint)) continue;
      for (const type of new Set(subscription.types)) {
        const other = byType.get(type);
        if (other === undefined) byType.set(type, id);
        else throw severalReplies(endpoint.name, type, other, id);
      }
    }
  }
}

function severalReplies(
  endpoint: string,
  type: string,
  first: string,
  second: string,
): WebhookConfigurationError {
  const who = first === second ? `${first} replies twice` : `${first} and ${second} both reply`;
  return new WebhookConfigurationError(
    `${who} to ${type} at the endpoint "${endpoint}". A request has one answer, whatever the filters: keep ` +
      'one of them, or give each an { endpoint } of its own.',
  );
}
