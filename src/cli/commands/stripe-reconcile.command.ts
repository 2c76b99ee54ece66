import type { StoredEvent } from '../../inbox/delivery.interface.js';
import { WEBHOOK_INBOX_ENGINE, WEBHOOK_INBOX_SETTINGS } from '../../inbox/tokens.js';
import type { WebhookEngine } from '../../inbox/webhook-engine.interface.js';
import type { WebhookInboxSettings } from '../../inbox/webhook-inbox.options.js';
import type { MissedEvent } from '../../stripe/reconcile/missed-events.js';
import { StripeReconciler } from '../../stripe/reconcile/stripe-reconciler.service.js';
import type { StripeReconcileReport } from '../../stripe/reconcile/stripe-reconcile.interface.js';
import type { Command, CommandContext } from '../command.interface.js';
import { countDeliveries } from '../count-deliveries.js';
import { dateOf, given, listOf, livemodeOf } from '../options.js';
import { table } from '../table.js';

export const stripeReconcile: Command = {
  name: 'stripe reconcile',
  description: 'finds events that never arrived, and runs their handlers',
  options: ['endpoint', 'live', 'test', 'since', 'accounts', 'dry-run'],
  readsInbox: true,
  runsHandlers: true,
  run: async (context) => {
    const report = await reconcile(context);
    const end = context.options['dry-run'] ? '' : await runHandlers(report.missed, context);
    const isAsWanted = report.status === 'complete';
    return { json: report, text: describe(report) + end, isAsWanted };
  },
};

function reconcile({ app, options, progress }: CommandContext): Promise<StripeReconcileReport> {
  return app.get(StripeReconciler, { strict: false }).run({
    ...livemodeOf(options),
    ...given({
      endpoint: options.endpoint,
      since: dateOf('since', options.since),
      accounts: listOf(options.accounts),
    }),
    dryRun: options['dry-run'],
    onProgress: ({ checked, missed }) => progress(`${checked} compared, ${missed} missing`),
  });
}

/** This process may be the only one that runs handlers: it goes when they have run, here or in another. */
async function runHandlers(
  missed: readonly MissedEvent[],
  context: CommandContext,
): Promise<string> {
  if (missed.length === 0) return '';
  const settings = context.app.get<WebhookInboxSettings>(WEBHOOK_INBOX_SETTINGS, { strict: false });
  if (!settings.worker) return 'Their handlers run where `worker` is not false.\n';
  const deliveries = countDeliveries(await whenAttempted(missed, context));
  return `Deliveries: ${deliveries || 'none'}.\n`;
}

/** So many are waited for at a time. */
const AT_ONCE = 100;

async function whenAttempted(
  missed: readonly MissedEvent[],
  { app, progress, signal }: CommandContext,
): Promise<StoredEvent[]> {
  const engine = app.get<WebhookEngine>(WEBHOOK_INBOX_ENGINE, { strict: false });
  const attempted: StoredEvent[] = [];
  for (let start = 0; start < missed.length && !signal.aborted; start += AT_ONCE) {
    const some = missed.slice(start, start + AT_ONCE);
    const events = await Promise.all(some.map((event) => engine.attempted(event)));
    attempted.push(...events.filter((event) => event !== undefined));
    progress(`handlers of ${attempted.length} of ${missed.length} have run`);
  }
  return attempted;
}

function describe({ status, checked, missed, refused }: StripeReconcileReport): string {
  const rows = missed.map(({ createdAt, id, type, account }) => [
    createdAt.toISOString(),
    id,
    type,
    account ?? '',
  ]);
  const refusals = refused
    .map(({ account, format, message }) => `! ${account} (${format}): ${message}\n`)
    .join('');
  const end = `${status}: ${checked} compared, ${missed.length} missing.\n`;
  return table(['CREATED', 'ID', 'TYPE', 'ACCOUNT'], rows) + refusals + end;
}
