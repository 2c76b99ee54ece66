import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onServerCore } from '../machine.mjs';
import { drive, driveWithoutKeepAlive } from './drive.mjs';

const SERVER = fileURLToPath(new URL('server.mjs', import.meta.url));

/** A contender in a process of its own. */
export class ContenderProcess {
  #child;
  #url;
  #path;
  #isStopping = false;

  constructor(contender, handlers) {
    this.contender = contender;
    this.handlers = handlers;
  }

  async start() {
    const options = JSON.stringify({ ...this.contender, handlers: this.handlers });
    const [command, ...args] = onServerCore(['--no-warnings', SERVER, options]);
    this.#child = spawn(command, args, {
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.once('exit', (code) => {
      if (!this.#isStopping) throw new Error(`${this.contender.name} has exited with ${code}.`);
    });
    const [{ port, path }] = await once(this.#child, 'message');
    this.#url = `http://127.0.0.1:${port}`;
    this.#path = path;
  }

  /**
   * Sends all requests and checks what came of them.
   * @returns The requests a second, and the time of the processor that one took, in microseconds.
   * @throws Error if one is answered otherwise than its kind should be, or a handler did not run.
   */
  async send(kind, requests, connections) {
    const before = await this.#ask();
    const send = kind === 'oversized' ? driveWithoutKeepAlive : drive;
    const to = { url: this.#url, path: this.#path };
    const { statuses, seconds } = await send({ ...to, requests, connections });
    const after = await this.#ask();

    this.#check(kind, statuses, requests.length, after.handled - before.handled);
    return {
      perSecond: requests.length / seconds,
      microseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / requests.length,
    };
  }

  async residentMegabytes() {
    const { residentBytes } = await this.#ask();
    return residentBytes / 2 ** 20;
  }

  async stop() {
    this.#isStopping = true;
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }

  #check(kind, statuses, count, handled) {
    const { name, taken, refused } = this.contender;
    const status = { valid: taken, forged: refused, oversized: 413 }[kind];
    const closed = kind === 'oversized' ? (statuses.reset ?? 0) : 0;
    if ((statuses[status] ?? 0) + closed !== count) {
      const got = JSON.stringify(statuses);
      throw new Error(`${name} answers ${got} to ${count} ${kind} requests, not ${status} to all.`);
    }
    const expected = kind === 'valid' ? count * this.handlers : 0;
    if (handled === expected) return;
    throw new Error(
      `${name} ran ${handled} handlers for ${count} ${kind} requests, not ${expected}.`,
    );
  }

  async #ask() {
    this.#child.send('usage');
    const [usage] = await once(this.#child, 'message');
    return usage;
  }
}
