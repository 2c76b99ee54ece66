import { Socket } from 'node:net';

/** The sockets of a pool, so that all can be ended at once: also those over which no server answers. */
export class PoolSockets {
  readonly #open = new Set<Socket>();
  #areSevered = false;

  get areSevered(): boolean {
    return this.#areSevered;
  }

  /** A socket that its client connects in this turn of the event loop. */
  open(): Socket {
    const socket = new Socket();
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    if (this.#areSevered) setImmediate(() => socket.destroy());
    return socket;
  }

  /** From now on, every connection fails as soon as it is asked for. */
  sever(): void {
    this.#areSevered = true;
    for (const socket of this.#open) socket.destroy();
  }
}
