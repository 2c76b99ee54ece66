import type { WebhookEndpoint } from '../endpoints/webhook-endpoint.interface.js';
import type { DueDelivery } from '../inbox/webhook-engine.interface.js';
import type { WebhookInboxSettings } from '../inbox/webhook-inbox.options.js';
import type { AttemptSignal } from './attempt-signal.js';
import { AttemptTransaction } from './attempt-transaction.js';
import { callAround } from './call-around.js';
import type { WebhookHandler } from './webhook-handler.interface.js';

/**
 * The call of a handler with its payload and context, within `around` and its transaction. Nothing in it is
 * async that need not be: each promise on the way costs as much as a small handler.
 */
export function createCall(
  delivery: DueDelivery,
  handler: WebhookHandler,
  endpoint: WebhookEndpoint,
  signal: AttemptSignal,
  around: WebhookInboxSettings['around'],
): () => unknown {
  const { event, handler: id, attempt, replays } = delivery;
  const transaction = handler.isTransactional ? new AttemptTransaction(delivery) : undefined;
  const parsed = event.payload ?? endpoint.parse(event, event).payload;
  const getSignal = (): AbortSignal => signal.signal;
  const getTransaction = transaction && (() => transaction.current);
  const fields = { event, handler: id, attempt, replays, getSignal, getTransaction };
  const [payload, context] = endpoint.handlerArguments(fields, parsed);

  const invoke = (instance: object, argument = payload): unknown =>
    (instance as Record<string, Function>)[handler.method]!(argument, context);
  const call = (): unknown => {
    const instance = handler.instanceFor(event, attempt);
    if (handler.load) return invokeLoaded(handler.load(payload, context), instance, invoke);
    return instance instanceof Promise ? instance.then((built) => invoke(built)) : invoke(instance);
  };

  const run = around ? () => callAround(around, context, call) : call;
  return transaction ? () => transaction.run(run) : run;
}

async function invokeLoaded(
  loading: Promise<unknown>,
  instance: object | Promise<object>,
  invoke: (instance: object, argument: unknown) => unknown,
): Promise<unknown> {
  const [loaded, built] = await Promise.all([loading, instance]);
  return invoke(built, loaded);
}
