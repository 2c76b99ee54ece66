import { Injectable } from '@nestjs/common';

export interface Merchant {
  isConnected: boolean;
  hasPaid: boolean;
  permissions: readonly string[];
  failedPayouts: string[];
}

/** Stands for your database: the merchants by their Stripe account. */
@Injectable()
export class MerchantStore {
  readonly #merchants = new Map<string, Merchant>();

  async get(account: string): Promise<Merchant> {
    const merchant = this.#merchants.get(account) ?? {
      isConnected: false,
      hasPaid: false,
      permissions: [],
      failedPayouts: [],
    };
    this.#merchants.set(account, merchant);
    return merchant;
  }
}
