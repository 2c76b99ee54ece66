import type { DueDelivery } from '../../inbox/webhook-engine.interface.js';
import type { ChaosPlan, FaultPoint } from './chaos-plan.js';
import { CrashedAttempts } from './crashed-attempts.js';
import { TurnTaker } from './turn-taker.js';
import { WatchedAttempt } from './watched-attempt.js';

export interface RunScriptFields {
  readonly plan: ChaosPlan;
  readonly points: readonly FaultPoint[];
  /** The events' ids in this run, by their places. */
  readonly ids: readonly string[];
  readonly titles: readonly string[];
  /** How many attempts come at once where all events do. */
  readonly expectedAttempts: number;
}

/** An attempt of a run: the event's place, the handler, and how many calls it made. */
export interface SeenAttempt {
  readonly event: number;
  readonly handler: string;
  readonly attempt: WatchedAttempt;
}

/** Gives each attempt of one run its part, and notes what happens. */
export class RunScript {
  readonly notes: string[] = [];
  readonly seen: SeenAttempt[] = [];
  readonly #fields: RunScriptFields;
  readonly #turns: TurnTaker | undefined;
  readonly #crashed = new CrashedAttempts();
  readonly #faults: FaultPoint[];
  #running = 0;

  constructor(fields: RunScriptFields) {
    const { plan, points, expectedAttempts } = fields;
    this.#fields = fields;
    this.#faults = plan.faults.flatMap((place) => points[place] ?? []);
    this.#turns = plan.isConcurrent ? new TurnTaker(plan.turns, expectedAttempts) : undefined;
  }

  get isIdle(): boolean {
    return this.#running === 0;
  }

  note(what: string): void {
    this.notes.push(what);
  }

  begin({ event, handler }: DueDelivery): WatchedAttempt {
    const place = this.#fields.ids.indexOf(event.id);
    const attempt = new WatchedAttempt({
      title: `${handler} for ${this.#fields.titles[place] ?? event.id}`,
      rank: place,
      fault: this.#takeFault(place, handler),
      isRepeated: this.#isRepeated(place, handler),
      observer: {
        turns: this.#turns,
        note: (what) => this.note(what),
        onProgress: () => this.#crashed.onProgress(),
        onCrash: (crashed) => this.#crashed.add(crashed),
        onBegin: () => void (this.#running += 1),
        onEnd: () => void (this.#running -= 1),
      },
    });
    this.seen.push({ event: place, handler, attempt });
    return attempt;
  }

  /** Lets what has crashed come to its end. */
  end(): void {
    this.#crashed.thaw();
  }

  #takeFault(event: number, handler: string): FaultPoint | undefined {
    const index = this.#faults.findIndex(
      (fault) => fault.event === event && fault.handler === handler,
    );
    return index === -1 ? undefined : this.#faults.splice(index, 1)[0];
  }

  #isRepeated(event: number, handler: string): boolean {
    const former = this.seen.filter((each) => each.event === event && each.handler === handler);
    return former.length < this.#fields.plan.repeats.filter((each) => each === event).length;
  }
}
