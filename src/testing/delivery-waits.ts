import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { WebhookHandlerRegistry } from '../handlers/webhook-handler.registry.js';
import { isSettled } from '../inbox/delivery.interface.js';
import type { Delivery, StoredEvent } from '../inbox/delivery.interface.js';
import { attemptRecorded, eventRepeated, eventStored } from '../inbox/diagnostics.js';
import type { WebhookEngine } from '../inbox/webhook-engine.interface.js';
import type { EventKey } from '../inbox/webhook-event.interface.js';
import type { TestedApplication } from './tested-application.js';

/** How often it looks, in real milliseconds, for what another process has done: its channels are not heard here. */
const LOOK_AGAIN_MS = 250;

/** Waits for what an application does with its events, by what the inbox publishes. */
export class DeliveryWaits {
  readonly #tested: TestedApplication;

  constructor(tested: TestedApplication) {
    this.#tested = tested;
  }

  /** @throws Error naming a delivery that failed and that nothing retries by itself. */
  async settled(signal: AbortSignal): Promise<void> {
    let settled = 0;
    while (settled < this.#tested.sentEvents.length || (await this.#isAnswering())) {
      const events = this.#tested.sentEvents;
      await Promise.all(events.slice(settled).map((key) => this.#settledEvent(key, signal)));
      settled = events.length;
    }
  }

  async delivery(eventId: string, handler: string, signal: AbortSignal): Promise<Delivery> {
    this.#assertHandler(handler);
    return this.#onProgress<Delivery>(signal, async (progress) => {
      const stored = await this.#find(eventId);
      if (!stored) return undefined;
      const known = this.#ended(stored, handler);
      if (known) return known;
      const attempted = await Promise.race([this.#engine.attempted(stored), progress]);
      return attempted ? this.#ended(attempted, handler) : undefined;
    });
  }

  async stored(eventId: string, signal: AbortSignal): Promise<StoredEvent> {
    return this.#onProgress<StoredEvent>(signal, () => this.#find(eventId));
  }

  /** An event's deliveries when none is pending or running. */
  async attempted(key: EventKey): Promise<readonly Delivery[]> {
    return (await this.#engine.attempted(key))?.deliveries ?? [];
  }

  /** What sent events have not come to an end, in words. */
  async describeUnsettled(): Promise<string> {
    const stored = await Promise.all(this.#tested.sentEvents.map((key) => this.#engine.find(key)));
    const unsettled = stored.flatMap((event) =>
      (event?.deliveries ?? [])
        .filter((delivery) => !isSettled(delivery))
        .map(({ handler, status }) => `${handler} of ${event!.id} (${status})`),
    );
    return unsettled.join(', ') || 'none';
  }

  get #engine(): WebhookEngine {
    return this.#tested.engine;
  }

  /** Whether a failed delivery is run again without a test's doing. */
  #isRetried({ retryAt }: Delivery): boolean {
    const { clock, isRetriedByEngine } = this.#tested;
    if (!isRetriedByEngine) return false;
    return !clock.isManual || (retryAt !== undefined && retryAt.getTime() <= clock.now());
  }

  /** Whether requests were still on their way, which are answered now. */
  async #isAnswering(): Promise<boolean> {
    const before = this.#tested.sentEvents.length;
    await this.#tested.answered();
    return this.#tested.sentEvents.length > before;
  }

  #settledEvent(key: EventKey, signal: AbortSignal): Promise<true> {
    return this.#onProgress(signal, async () => {
      const stored = await this.#engine.attempted(key);
      // A request that was refused has stored nothing; one on its way is waited for.
      if (!stored) return this.#tested.answered().then(() => true as const);
      const failed = stored.deliveries.filter((delivery) => !isSettled(delivery));
      if (failed.length === 0) return true;
      const atRest = failed.filter((delivery) => !this.#isRetried(delivery));
      if (atRest.length > 0) throw new Error(this.#notRetried(stored, atRest));
      return undefined;
    });
  }

  /** The event's delivery to a handler, if it has come to an end. */
  #ended(stored: StoredEvent, handler: string): Delivery | undefined {
    const delivery = stored.deliveries.find((each) => each.handler === handler);
    if (!delivery) throw new Error(noDelivery(stored, handler));
    const isAtRest = delivery.status === 'failed' && !this.#isRetried(delivery);
    return isSettled(delivery) || isAtRest ? delivery : undefined;
  }

  async #find(eventId: string): Promise<StoredEvent | undefined> {
    const sources = new Set(this.#tested.endpoints.all().map(({ source }) => source));
    for (const source of sources) {
      const stored = await this.#engine.find({ source, id: eventId });
      if (stored) return stored;
    }
    return undefined;
  }

  /** Asks now, and again whenever something was stored, until there is an answer. */
  async #onProgress<T>(
    signal: AbortSignal,
    ask: (progress: Promise<void>) => Promise<T | void>,
  ): Promise<T> {
    const channels = [eventStored, eventRepeated, attemptRecorded];
    let wake = (): void => {};
    const onMessage = (): void => wake();
    const aborted = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    channels.forEach(({ name }) => subscribe(name, onMessage));
    const timer = setInterval(onMessage, LOOK_AGAIN_MS);
    try {
      for (;;) {
        const progress = new Promise<void>((resolve) => (wake = resolve));
        const answer = await Promise.race([ask(progress), aborted]);
        if (answer !== undefined) return answer;
        await Promise.race([progress, aborted]);
        signal.throwIfAborted();
      }
    } finally {
      channels.forEach(({ name }) => unsubscribe(name, onMessage));
      clearInterval(timer);
    }
  }

  #notRetried({ id }: StoredEvent, failed: readonly Delivery[]): string {
    const each = failed.map(
      ({ handler, error }) => `${handler} (${error?.name}: ${error?.message})`,
    );
    const said = `${id} is not settled: failed are ${each.join(', ')}.`;
    if (!this.#tested.isRetriedByEngine) {
      return `${said} This engine retries nothing by itself: send the event again, as its sender would.`;
    }
    const dueAt = Math.min(...failed.map(({ retryAt }) => retryAt?.getTime() ?? Infinity));
    return `${said} They are run again when the clock is moved: clock.advance(${dueAt - this.#tested.clock.now()}).`;
  }

  #assertHandler(handler: string): void {
    const registry = this.#tested.app.get(WebhookHandlerRegistry, { strict: false });
    if (registry.get(handler)) return;
    const known = this.#tested.endpoints
      .all()
      .flatMap(({ name }) => registry.ofEndpoint(name))
      .map(({ id }) => id);
    throw new Error(
      `There is no handler ${handler}. Handlers are: ${[...new Set(known)].join(', ') || 'none'}.`,
    );
  }
}

function noDelivery({ id, type, deliveries }: StoredEvent, handler: string): string {
  const handlers = deliveries.map((delivery) => delivery.handler).join(', ') || 'none';
  return `${type} ${id} has no delivery for ${handler}. It has deliveries for: ${handlers}.`;
}
