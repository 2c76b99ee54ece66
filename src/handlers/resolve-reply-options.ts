import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type {
  NoReplyOptions,
  ReplySettings,
  WebhookReplyOptions,
} from './webhook-reply.interface.js';

const DEADLINE_MS = 1_500;

/**
 * How a subscription of these options replies, or undefined.
 * @throws WebhookConfigurationError beginning with `whose`.
 */
export function resolveReplyOptions(
  { reply, deadlineMs, fallback }: WebhookReplyOptions<object> | NoReplyOptions,
  whose: string,
): ReplySettings | undefined {
  if (reply) return { deadlineMs: deadlineMs ?? DEADLINE_MS, fallback };
  if (deadlineMs === undefined && fallback === undefined) return undefined;
  throw new WebhookConfigurationError(
    `${whose}: deadlineMs and fallback belong to { reply: true }. Add it, or leave them out.`,
  );
}
