// Module
export { StandardWebhooksModule } from './standard-webhooks.module.js';
export type {
  StandardWebhooksExtras,
  StandardWebhooksOptions,
} from './standard-webhooks-options.interface.js';
