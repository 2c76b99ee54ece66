import type {
  Arrival,
  EngineCapabilities,
  WebhookEngine,
} from '../../inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../../inbox/webhook-event.interface.js';
import { manualClock } from '../manual-clock.js';
import type { ManualClock } from '../manual-clock.js';
import { ManualWorker } from './manual-worker.js';

export interface EngineContractOptions {
  /** What the tests call it, such as `The Redis engine`. */
  readonly name: string;
  /** Makes a new engine, not started, on a store of its own that is empty. */
  readonly createEngine: () => WebhookEngine | Promise<WebhookEngine>;
  /**
   * What the engine does not do yet, as its `capabilities` say. It is not tested.
   * @default nothing
   */
  readonly lacks?: EngineCapabilities['lacks'];
}

/** A started engine with a clock that stands still and a worker that obeys the test. */
export interface EngineBench {
  readonly engine: WebhookEngine;
  readonly clock: ManualClock;
  readonly worker: ManualWorker;
  /** Starts handing out deliveries to the worker. */
  readonly consume: (concurrency?: number) => Promise<void>;
}

export const START = Date.UTC(2026, 0, 1);
export const SUCCEEDED = { status: 'succeeded' } as const;
export const FAILED = { status: 'failed', error: { name: 'Error', message: 'No.' } } as const;
export const DEAD = { status: 'dead', error: { name: 'Error', message: 'Never.' } } as const;

const benches: EngineBench[] = [];

/** Ends what a test has started, also where it failed half way. */
export async function stopEngines(): Promise<void> {
  for (const { engine, worker } of benches.splice(0)) {
    worker.answer(() => SUCCEEDED);
    await engine.stop();
  }
}

/** Starts an engine, which `stopEngines` stops. */
export async function startEngine({ createEngine }: EngineContractOptions): Promise<EngineBench> {
  const engine = await createEngine();
  const clock = manualClock(START);
  const worker = new ManualWorker();
  await engine.start({ clock });
  const bench: EngineBench = {
    engine,
    clock,
    worker,
    consume: (concurrency = 16) => engine.consume(worker.run, { concurrency }),
  };
  benches.push(bench);
  return bench;
}

let lastId = 0;

/** An event with an id of its own. */
export function webhookEvent(fields: Partial<WebhookEvent> = {}): WebhookEvent {
  lastId += 1;
  const id = fields.id ?? `evt_${lastId}`;
  return {
    source: 'stripe',
    id,
    type: 'invoice.paid',
    endpoint: 'stripe',
    receivedAt: new Date(START),
    arrivedBy: 'http',
    secretLabel: 'default',
    headers: { 'content-type': 'application/json' },
    rawBody: Buffer.from(JSON.stringify({ id, type: 'invoice.paid' })),
    ...fields,
  };
}

/** An event and the handlers that want it. */
export function arrival(event: WebhookEvent, ...handlers: string[]): Arrival {
  return { event, deliveries: handlers.map((handler) => ({ handler })) };
}

/** An event that the filters of a handler turn away. */
export function skippedArrival(event: WebhookEvent, handler: string, skipReason: string): Arrival {
  return { event, deliveries: [{ handler, skipReason }] };
}

/** The status of each delivery, by its handler. */
export async function statuses(
  engine: WebhookEngine,
  event: WebhookEvent,
): Promise<Record<string, string>> {
  const deliveries = (await engine.find(event))?.deliveries ?? [];
  return Object.fromEntries(deliveries.map(({ handler, status }) => [handler, status]));
}
