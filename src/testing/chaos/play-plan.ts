import { setImmediate } from 'node:timers/promises';
import { isSettled } from '../../inbox/delivery.interface.js';
import type { Delivery } from '../../inbox/delivery.interface.js';
import { DeliveryWaits } from '../delivery-waits.js';
import { createEventBuilders } from '../event-builders.js';
import { randomOrigin } from '../event-origin.js';
import type { TestedApplication } from '../tested-application.js';
import { WebhookTesterEndpoint } from '../webhook-tester-endpoint.js';
import type { StandardWebhooksSendOptions } from '../webhook-tester-endpoint.js';
import { ApplicationProbe } from './application-probe.js';
import { ChaosError } from './chaos-error.js';
import { sendingsOf } from './chaos-plan.js';
import type { ChaosPlan, FaultPoint } from './chaos-plan.js';
import { ClockDriver } from './clock-driver.js';
import type { PreparedEvent } from './prepared-events.js';
import type { RenamedIds } from './renamed-ids.js';
import { RunScript } from './run-script.js';
import type { SeenAttempt } from './run-script.js';

/** How often a sender comes again with what was not settled, before it is given up. */
const MAX_RESENDS = 12;

export interface PlayedRun {
  /** What the application has come to, and what is dead. */
  readonly outcome: { readonly state: unknown; readonly dead: readonly string[] };
  readonly notes: readonly string[];
  readonly seen: readonly SeenAttempt[];
}

export interface Play {
  readonly tested: TestedApplication;
  readonly events: readonly PreparedEvent[];
  readonly ids: RenamedIds;
  readonly points: readonly FaultPoint[];
  readonly expectedAttempts: number;
  readonly readState: () => unknown;
}

/**
 * Sends the events of a plan, comes again with what was not answered 200 as their senders do, and reads
 * what the application has come to.
 *
 * @throws ChaosError for an event that is refused or never settled.
 */
export async function playPlan(plan: ChaosPlan, play: Play): Promise<PlayedRun> {
  const { tested, events, ids, points, expectedAttempts } = play;
  const script = new RunScript({
    plan,
    points,
    expectedAttempts,
    ids: events.map(({ id }) => ids.rename(id)),
    titles: events.map(({ title }) => title),
  });
  await tested.listen();
  const probe = ApplicationProbe.of(tested.app);
  probe.follow((delivery) => script.begin(delivery));
  const sender = new PlanSender(play, script);
  try {
    await sender.send(plan);
    const dead = await sender.dead(plan.kept);
    const state = ids.restoreIn(await play.readState());
    return { outcome: { state, dead }, notes: script.notes, seen: script.seen };
  } catch (error) {
    if (error instanceof ChaosError) throw new UnsettledRun(error.message, script.notes);
    throw error;
  } finally {
    probe.follow(undefined);
    script.end();
    // What has crashed and is let go frees its locks before the next run.
    await setImmediate();
  }
}

/** A run whose events did not all come to an end. */
export class UnsettledRun extends ChaosError {
  constructor(
    message: string,
    readonly notes: readonly string[],
  ) {
    super(message);
  }
}

/** Brings the events of one run to the application, until every delivery is settled. */
class PlanSender {
  readonly #play: Play;
  readonly #script: RunScript;
  readonly #clock: ClockDriver;

  constructor(play: Play, script: RunScript) {
    this.#play = play;
    this.#script = script;
    this.#clock = new ClockDriver(play.tested, () => script.isIdle);
  }

  async send(plan: ChaosPlan): Promise<void> {
    const sendings = sendingsOf(plan, this.#play.events.length);
    const isOutOfOrder = plan.isLate || plan.swaps.length > 0;
    if (plan.isConcurrent) await this.#sendAtOnce(sendings);
    else {
      for (const place of sendings) {
        await this.#sendAtOnce([place]);
        // Out of order, a sender comes again only after it has sent the others.
        if (!isOutOfOrder) await this.#resend([place]);
      }
    }
    await this.#resend(plan.kept, plan.isConcurrent);
  }

  /** The deliveries that are dead in the end. */
  async dead(places: readonly number[]): Promise<string[]> {
    const found = await Promise.all(
      places.map(async (place) =>
        (await this.#deliveriesOf(place))
          .filter(({ status }) => status === 'dead')
          .map(({ handler }) => `${handler} for ${this.#play.events[place]!.title}`),
      ),
    );
    return found.flat().sort();
  }

  async #resend(places: readonly number[], isAtOnce = false): Promise<void> {
    for (let round = 0; round < MAX_RESENDS; round += 1) {
      const unsettled = await this.#unsettled(places);
      if (unsettled.length === 0) return;
      await this.#waitForRetry(unsettled);
      if (isAtOnce) await this.#sendAtOnce(unsettled);
      else for (const place of unsettled) await this.#sendAtOnce([place]);
    }
    const [place] = await this.#unsettled(places);
    if (place === undefined) return;
    const failed = (await this.#deliveriesOf(place)).find((delivery) => !isSettled(delivery));
    throw new ChaosError(
      notSettled(this.#play.events[place]!.title, failed!, this.#play.tested.clock.now()),
    );
  }

  async #sendAtOnce(places: readonly number[]): Promise<void> {
    for (const place of places) this.#script.note(`${this.#play.events[place]!.title} is sent`);
    await this.#clock.duringRequests(places.map((place) => this.#sendOne(place)));
  }

  async #sendOne(place: number): Promise<void> {
    const { tested, events, ids } = this.#play;
    const { endpoint, id, body, title } = events[place]!;
    const sender = new WebhookTesterEndpoint<StandardWebhooksSendOptions>({
      tested,
      getName: () => endpoint,
      builders: createEventBuilders(() => randomOrigin),
    });
    const renamed = ids.renameIn(
      body,
      events.map((each) => each.id),
    );
    const answer = await sender.send(renamed, { id: ids.rename(id) });
    if (answer.status < 400 || answer.status >= 500) return;
    throw new ChaosError(`${title} was refused: ${answer.status} ${JSON.stringify(answer.body)}.`);
  }

  async #unsettled(places: readonly number[]): Promise<number[]> {
    const unsettled: number[] = [];
    for (const place of places) {
      const deliveries = await this.#deliveriesOf(place);
      if (!deliveries.every(isSettled)) unsettled.push(place);
    }
    return unsettled;
  }

  /** By a clock that stands still. By a real one a sender comes again when it likes, and so it does here. */
  async #waitForRetry(places: readonly number[]): Promise<void> {
    for (const place of places) {
      for (const { retryAt } of await this.#deliveriesOf(place)) {
        if (!retryAt || retryAt.getTime() <= this.#play.tested.clock.now()) continue;
        await this.#clock.reach(retryAt);
      }
    }
  }

  async #deliveriesOf(place: number): Promise<readonly Delivery[]> {
    const { tested, events, ids } = this.#play;
    const { id, endpoint } = events[place]!;
    const { source } = tested.endpoints.get(endpoint);
    const key = { source, id: ids.rename(id) };
    return this.#clock.during(new DeliveryWaits(tested).attempted(key));
  }
}

function notSettled(title: string, { handler, error, retryAt }: Delivery, nowMs: number): string {
  if (retryAt && retryAt.getTime() > nowMs) {
    return (
      `${title} does not come to an end: ${handler} wants to be retried at ${retryAt.toISOString()}. Give the ` +
      'application a manualClock(), so that a test need not wait for that.'
    );
  }
  return (
    `${title} does not come to an end: ${handler} fails again and again (${error?.name}: ` +
    `${error?.message}).`
  );
}
