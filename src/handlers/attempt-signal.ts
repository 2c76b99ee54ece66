/** The abort signal of one attempt. The controller is made when somebody asks for the signal. */
export class AttemptSignal {
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #stopTiming: ((reason: Error) => void) | undefined;

  constructor(readonly handler: string) {}

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** The first reason stays. */
  abort(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }

  /** What ends the timing of the attempt, or the attempt. */
  onGiveUp(stopTiming: (reason: Error) => void): void {
    this.#stopTiming = stopTiming;
  }

  /** Aborts, and no longer times the attempt: the process is about to end. */
  giveUp(reason: Error): void {
    this.#stopTiming?.(reason);
    this.abort(reason);
  }
}
