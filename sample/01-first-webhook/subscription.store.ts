import { Injectable } from '@nestjs/common';

/** Stands for your database. */
@Injectable()
export class SubscriptionStore {
  readonly paidUntil = new Map<string, number>();

  async extend(customer: string, untilSeconds: number): Promise<void> {
    this.paidUntil.set(customer, untilSeconds);
  }

  async end(customer: string): Promise<void> {
    this.paidUntil.delete(customer);
  }
}
