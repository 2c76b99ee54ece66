import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const RECEIVER = fileURLToPath(new URL('receiver.mjs', import.meta.url));

/** Some receiving processes, each started again when it was killed. */
export class Receivers {
  #receivers = [];
  /** Of processes that ended though nobody killed them. */
  failures = [];

  constructor(environment, schema) {
    this.environment = environment;
    this.schema = schema;
  }

  async start(count) {
    this.#receivers.push(
      ...(await Promise.all(Array.from({ length: count }, () => this.#start()))),
    );
  }

  /** Where one of those that listen does. */
  port(random) {
    const listening = this.#receivers.filter((receiver) => receiver.isAlive);
    return listening[Math.floor(random() * listening.length)]?.port;
  }

  /** Kills one, and resolves when another has taken its place. */
  async killOne(random) {
    const index = Math.floor(random() * this.#receivers.length);
    await kill(this.#receivers[index]);
    this.#receivers[index] = await this.#start();
  }

  async stop() {
    await Promise.all(this.#receivers.splice(0).map(kill));
  }

  async #start() {
    const child = spawn(process.execPath, [RECEIVER, this.schema], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.environment },
    });
    const receiver = { child, isAlive: true, isKilled: false, errors: '' };
    child.stderr.on('data', (chunk) => (receiver.errors += chunk));
    const exited = once(child, 'exit').then(([code]) => {
      receiver.isAlive = false;
      if (!receiver.isKilled) this.failures.push(`exit ${code}: ${receiver.errors.slice(-2000)}`);
      return [''];
    });
    const [line] = await Promise.race([once(child.stdout, 'data'), exited]);
    receiver.port = Number(line);
    return receiver;
  }
}

async function kill(receiver) {
  if (!receiver.isAlive) return;
  receiver.isKilled = true;
  const exited = once(receiver.child, 'exit');
  receiver.child.kill('SIGKILL');
  await exited;
}
