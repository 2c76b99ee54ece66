import { Injectable } from '@nestjs/common';

/** Stands for your database: each method is one statement. */
@Injectable()
export class CreditStore {
  readonly #balances = new Map<string, number>();
  readonly #booked = new Set<string>();

  async isBooked(invoice: string): Promise<boolean> {
    return this.#booked.has(invoice);
  }

  async book(invoice: string): Promise<void> {
    this.#booked.add(invoice);
  }

  async add(customer: string, credits: number): Promise<void> {
    this.#balances.set(customer, this.balanceOf(customer) + credits);
  }

  /** A transaction: `insert into bookings … on conflict do nothing` and, if it did, the update. */
  async addOnce(invoice: string, customer: string, credits: number): Promise<void> {
    if (this.#booked.has(invoice)) return;
    this.#booked.add(invoice);
    this.#balances.set(customer, this.balanceOf(customer) + credits);
  }

  balanceOf(customer: string): number {
    return this.#balances.get(customer) ?? 0;
  }

  balances(): Record<string, number> {
    return Object.fromEntries(this.#balances);
  }

  clear(): void {
    this.#balances.clear();
    this.#booked.clear();
  }
}
