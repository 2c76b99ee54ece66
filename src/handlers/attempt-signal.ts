/** The abort signal of one attempt. The controller is made when somebody asks for the signal. */
export class AttemptSignal {
  #controller: AbortController | undefined;
  #reason: Error | undefined;

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
}
