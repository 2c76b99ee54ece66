import type { DeliveryStatus } from '../../inbox/delivery.interface.js';
import type { EventFilter } from '../../inbox/event-query.interface.js';
import { WebhookInboxAdmin } from '../../inbox/webhook-inbox-admin.service.js';
import type { DeliveryKey } from '../../inbox/webhook-inbox-admin.service.js';
import { WebhookInbox } from '../../inbox/webhook-inbox.service.js';
import type { Command, CommandContext } from '../command.interface.js';
import { countDeliveries } from '../count-deliveries.js';
import type { CommandOptions } from '../options.js';
import { dateOf, given, listOf, livemodeOf, numberOf } from '../options.js';
import { table } from '../table.js';
import { UsageError } from '../usage.error.js';

const FILTER = [
  'source',
  'type',
  'endpoint',
  'account',
  'handler',
  'status',
  'since',
  'until',
  'live',
  'test',
];

export const eventsList: Command = {
  name: 'events list',
  description: 'events of the inbox, the last first',
  options: [...FILTER, 'limit', 'cursor'],
  readsInbox: true,
  run: async ({ app, options }) => {
    const page = await app.get(WebhookInbox, { strict: false }).list({
      ...filterOf(options),
      ...given({ limit: numberOf('limit', options.limit), cursor: options.cursor }),
    });
    const rows = page.events.map((event) => [
      event.receivedAt.toISOString(),
      event.source,
      event.id,
      event.type,
      countDeliveries([event]) || 'none',
    ]);
    const more = page.cursor === undefined ? '' : `More: --cursor ${page.cursor}\n`;
    const headings = ['RECEIVED', 'SOURCE', 'ID', 'TYPE', 'DELIVERIES'];
    return { json: page, text: `${table(headings, rows) || 'No events.\n'}${more}` };
  },
};

export const eventsShow: Command = {
  name: 'events show',
  operands: '<id>',
  description: 'one event with its deliveries',
  options: ['source'],
  readsInbox: true,
  run: async (context) => {
    const { source, id } = keyOf(context);
    const event = await context.app.get(WebhookInbox, { strict: false }).find(source, id);
    if (!event) {
      return { json: null, text: `No ${id} of ${source} in the inbox.\n`, isAsWanted: false };
    }
    const rows = event.deliveries.map((each) => [
      each.handler,
      each.isBlocking ? `${each.status}, its lane waits` : each.status,
      String(each.attempts),
      each.error?.message ?? each.reason ?? '',
    ]);
    const facts = `${event.id}  ${event.type}  ${event.endpoint}  ${event.receivedAt.toISOString()}  ${event.arrivedBy}\n`;
    return { json: event, text: facts + table(['HANDLER', 'STATUS', 'ATTEMPTS', 'WHY'], rows) };
  },
};

export const eventsReplay: Command = {
  name: 'events replay',
  operands: '[id]',
  description: 'runs deliveries anew; says only which, without --yes',
  options: [...FILTER, 'handlers', 'yes'],
  readsInbox: true,
  run: async ({ app, options, operands: [id] }) => {
    const handlers = listOf(options.handlers);
    const report = await app
      .get(WebhookInboxAdmin, { strict: false })
      .replay(
        { ...filterOf(options), ...given({ id }) },
        { dryRun: !options.yes, ...given({ handlers }) },
      );
    const { events, deliveries, withoutBody, skipped } = report;
    const lacking =
      (withoutBody > 0 ? ` ${withoutBody} have no body any more.` : '') +
      (skipped > 0
        ? ` ${skipped} are skipped: their handler has the change by the other format.`
        : '');
    const intent = options.yes ? 'are due now' : 'would be due: give --yes';
    const text = `${deliveries} deliveries of ${events} events ${intent}.${lacking}\n`;
    return { json: report, text };
  },
};

export const eventsRetry: Command = {
  name: 'events retry',
  operands: '<id>',
  description: 'makes a failed delivery due now',
  options: ['source', 'handler'],
  readsInbox: true,
  run: async (context) => {
    const isDue = await context.app
      .get(WebhookInboxAdmin, { strict: false })
      .retryNow(deliveryOf(context));
    const text = isDue ? 'It is due now.\n' : 'There is no failed delivery of it.\n';
    return { json: { isDue }, text, isAsWanted: isDue };
  },
};

export const eventsUnblock: Command = {
  name: 'events unblock',
  operands: '<id>',
  description: 'lets those run that wait behind a dead delivery in its lane',
  options: ['source', 'handler'],
  readsInbox: true,
  run: async (context) => {
    const isUnblocked = await context.app
      .get(WebhookInboxAdmin, { strict: false })
      .unblock(deliveryOf(context));
    const text = isUnblocked ? 'Its lane goes on.\n' : 'No lane waits for it.\n';
    return { json: { isUnblocked }, text, isAsWanted: isUnblocked };
  },
};

function filterOf(options: CommandOptions): EventFilter {
  const { source, type, endpoint, account, handler, status } = options;
  return {
    ...livemodeOf(options),
    ...given({
      source,
      type,
      endpoint,
      account,
      handler,
      status: status as DeliveryStatus | undefined,
      since: dateOf('since', options.since),
      until: dateOf('until', options.until),
    }),
  };
}

function keyOf({ operands: [id], options }: CommandContext): { source: string; id: string } {
  if (id === undefined) throw new UsageError('Say which event: its id.');
  return { source: options.source ?? 'stripe', id };
}

function deliveryOf(context: CommandContext): DeliveryKey {
  const { source, id: eventId } = keyOf(context);
  const { handler } = context.options;
  if (handler === undefined) throw new UsageError('Say whose delivery: --handler <id>.');
  return { source, eventId, handler };
}
