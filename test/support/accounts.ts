import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

interface Account {
  readonly balance: number;
  readonly status: string;
  readonly statusAt: number;
  /** What was credited already. */
  readonly credited: readonly string[];
}

const NEW: Account = { balance: 0, status: 'none', statusAt: 0, credited: [] };

/** Stands for a database: every statement is one asynchronous step, and atomic. */
@Injectable()
export class Accounts {
  readonly #rows = new Map<string, Account>();

  async find(id: string): Promise<Account> {
    await setImmediate();
    return this.#rows.get(id) ?? NEW;
  }

  async save(id: string, fields: Partial<Account>): Promise<void> {
    await setImmediate();
    this.#rows.set(id, { ...(this.#rows.get(id) ?? NEW), ...fields });
  }

  /** One statement: `update … set balance = balance + $1`. */
  async increment(id: string, by: number): Promise<void> {
    await setImmediate();
    const row = this.#rows.get(id) ?? NEW;
    this.#rows.set(id, { ...row, balance: row.balance + by });
  }

  /** One statement that does nothing when the reference was credited already. */
  async creditOnce(id: string, reference: string, amount: number): Promise<void> {
    await setImmediate();
    const row = this.#rows.get(id) ?? NEW;
    if (row.credited.includes(reference)) return;
    const credited = [...row.credited, reference].sort();
    this.#rows.set(id, { ...row, credited, balance: row.balance + amount });
  }

  /** One statement: `insert … on conflict do nothing`. Whether it was new. */
  async markCredited(id: string, reference: string): Promise<boolean> {
    await setImmediate();
    const row = this.#rows.get(id) ?? NEW;
    if (row.credited.includes(reference)) return false;
    this.#rows.set(id, { ...row, credited: [...row.credited, reference].sort() });
    return true;
  }

  /** One statement: `… where status_at < $2`. */
  async saveStatusIfNewer(id: string, status: string, statusAt: number): Promise<void> {
    await setImmediate();
    const row = this.#rows.get(id) ?? NEW;
    if (row.statusAt < statusAt) this.#rows.set(id, { ...row, status, statusAt });
  }

  clear(): void {
    this.#rows.clear();
  }

  all(): Record<string, Account> {
    return Object.fromEntries(this.#rows);
  }
}
