import { Injectable } from '@nestjs/common';
import { InboxUnavailableError } from '../errors/inbox-unavailable.error.js';

const RETRY_AFTER_SECONDS = 10;

/** Whether events are taken, and which are on their way to their answer. */
@Injectable()
export class InboxLifecycle {
  #state: 'starting' | 'open' | 'draining' = 'starting';
  #inFlight = 0;
  readonly #onIdle: (() => void)[] = [];
  readonly #onGiveUp = new Set<() => void>();

  /** Handlers are known and the engine is ready: events are taken from here on. */
  open(): void {
    this.#state = 'open';
  }

  /** @throws InboxUnavailableError before the application has started, and while it shuts down. */
  assertOpen(): void {
    if (this.#state === 'open') return;
    throw new InboxUnavailableError(
      this.#state === 'starting'
        ? 'The application has not started: call app.init() or app.listen() first.'
        : 'The application is shutting down.',
      RETRY_AFTER_SECONDS,
    );
  }

  /** An event is on its way; `leave` has to be called when it has its answer. */
  enter(): void {
    this.#inFlight += 1;
  }

  leave(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#onIdle.splice(0).forEach((resume) => resume());
  }

  /** Calls back when the shutdown no longer waits, unless the returned function is called first. */
  onGiveUp(callback: () => void): () => void {
    this.#onGiveUp.add(callback);
    return () => this.#onGiveUp.delete(callback);
  }

  /** Takes nothing further, and resolves when every event has its answer. */
  async drain(): Promise<void> {
    this.#state = 'draining';
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** Lets everyone who still waits have an answer now. */
  giveUp(): void {
    this.#onGiveUp.forEach((callback) => callback());
  }
}
