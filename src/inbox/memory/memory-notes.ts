import type { Clock } from '../clock.js';

interface Claim {
  readonly owner: string;
  readonly untilMs: number;
}

/** What is remembered under keys, and who has which name. */
export class MemoryNotes {
  readonly #texts = new Map<string, string>();
  readonly #claims = new Map<string, Claim>();

  constructor(private readonly getClock: () => Clock) {}

  /** When the store was made stays what it was. */
  markCreated(): void {
    if (this.#texts.has('created')) return;
    this.#texts.set('created', new Date(this.getClock().now()).toISOString());
  }

  recall(key: string): string | undefined {
    return this.#texts.get(key);
  }

  remember(key: string, value: string): void {
    this.#texts.set(key, value);
  }

  claim(name: string, owner: string, leaseMs: number): boolean {
    const nowMs = this.getClock().now();
    const present = this.#claims.get(name);
    if (present && present.owner !== owner && present.untilMs > nowMs) return false;
    this.#claims.set(name, { owner, untilMs: nowMs + leaseMs });
    return true;
  }

  release(name: string, owner: string): void {
    if (this.#claims.get(name)?.owner === owner) this.#claims.delete(name);
  }
}
