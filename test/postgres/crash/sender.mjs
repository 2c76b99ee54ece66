import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { SECRET } from './secret.mjs';

const TIMEOUT_MS = 20_000;

/** Sends signed events as a sender does: again and again until one is answered 200, and some once more. */
export class Sender {
  /** What was answered 200. */
  answered = new Set();
  #isEnough = false;
  #sent = 0;

  /** How many may have been sent by now: they are spread over the kills. */
  allowed = 0;

  constructor({ signStripe, receivers, random, runId }) {
    Object.assign(this, { signStripe, receivers, random, runId });
  }

  /** Sends on so many connections until it is told to stop. */
  async run(connections) {
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    await Promise.all(Array.from({ length: connections }, () => this.#sendSome(agent)));
    agent.destroy();
  }

  stop() {
    this.#isEnough = true;
  }

  async #sendSome(agent) {
    while (!this.#isEnough) {
      if (this.#sent >= this.allowed) {
        await delay(20);
        continue;
      }
      const number = this.#sent++;
      const id = `evt_${this.runId}_${number}`;
      const body = JSON.stringify({
        id,
        object: 'event',
        type: 'invoice.paid',
        created: number,
        data: { object: { id: `in_${number}`, object: 'invoice', filler: 'a'.repeat(1800) } },
      });
      await this.#sendUntilAnswered(agent, body);
      this.answered.add(id);
      if (this.random() < 0.1) await this.#sendUntilAnswered(agent, body);
    }
  }

  async #sendUntilAnswered(agent, body) {
    while ((await this.#send(agent, body)) !== 200) await delay(50);
  }

  /** The status, or 0 where the connection was refused or cut. */
  #send(agent, body) {
    const port = this.receivers.port(this.random);
    if (port === undefined) return 0;
    return new Promise((resolve) => {
      const sent = request({
        agent,
        host: '127.0.0.1',
        port,
        path: '/webhooks/stripe',
        method: 'POST',
        timeout: TIMEOUT_MS,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'stripe-signature': this.signStripe({ body, secret: SECRET }),
        },
      });
      sent.on('response', (response) => {
        response.resume();
        // Cut after the head, it may still have been 200: the sender cannot know, and sends it again.
        response.once('end', () => resolve(response.statusCode));
        response.once('error', () => resolve(0));
      });
      sent.once('timeout', () => sent.destroy());
      sent.once('error', () => resolve(0));
      sent.end(body);
    });
  }
}
