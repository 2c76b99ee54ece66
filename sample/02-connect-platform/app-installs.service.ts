import { Injectable } from '@nestjs/common';
import { OnStripeEvent, StripeWebhookContext } from 'nestjs-webhook-inbox/stripe';
import type Stripe from 'stripe';
import { MerchantStore } from './merchant.store.js';

type InstallEvent = Stripe.AppsInstallCreatedEvent | Stripe.AppsInstallUpdatedEvent;

/** Which merchants have connected, and what of their accounts the App may use. */
@Injectable()
export class AppInstallsService {
  constructor(private readonly merchants: MerchantStore) {}

  @OnStripeEvent('account.application.authorized', { endpoint: 'connect' })
  async connect(
    _event: Stripe.AccountApplicationAuthorizedEvent,
    { account }: StripeWebhookContext,
  ): Promise<void> {
    (await this.merchants.get(account!)).isConnected = true;
  }

  @OnStripeEvent('account.application.deauthorized', { endpoint: 'connect' })
  async disconnect(
    _event: Stripe.AccountApplicationDeauthorizedEvent,
    { account }: StripeWebhookContext,
  ): Promise<void> {
    (await this.merchants.get(account!)).isConnected = false;
  }

  /** Stripe sends these to the developer of the App and to the account that installs it. */
  @OnStripeEvent(['apps.install.created', 'apps.install.updated'], { scope: 'any' })
  async notePermissions({ data }: InstallEvent): Promise<void> {
    (await this.merchants.get(data.object.account)).permissions = data.object.permissions_granted;
  }

  @OnStripeEvent('apps.install.deleted', { scope: 'any' })
  async forgetPermissions({ data }: Stripe.AppsInstallDeletedEvent): Promise<void> {
    (await this.merchants.get(data.object.account)).permissions = [];
  }
}
