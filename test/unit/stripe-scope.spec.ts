import { describe, expect, it } from '@jest/globals';
import type { WebhookEvent } from '../../src/inbox/webhook-event.interface.js';
import { filterReason, snapshotFilter } from '../../src/stripe/stripe-scope.js';
import type { StripeEnvelope, StripeEventFilter } from '../../src/stripe/stripe-scope.js';

const OWN = { livemode: true };
const CONNECTED = { account: 'acct_1', livemode: true };

function reason(filter: StripeEventFilter, envelope: StripeEnvelope): string | undefined {
  return filterReason(filter, envelope, 'endpoint "connect"');
}

describe('A filter of Stripe events', () => {
  it.each<[StripeEventFilter, StripeEnvelope]>([
    [{}, OWN],
    [{}, CONNECTED],
    [{ scope: 'any' }, OWN],
    [{ scope: 'any' }, CONNECTED],
    [{ scope: 'account' }, OWN],
    [{ scope: 'connect' }, CONNECTED],
    [{ livemode: true }, OWN],
    [{ livemode: false }, { livemode: false }],
    [{ scope: 'connect', livemode: true }, CONNECTED],
  ])('%j wants an event with %j', (filter, envelope) => {
    expect(reason(filter, envelope)).toBeUndefined();
  });

  it.each<[StripeEventFilter, StripeEnvelope, string]>([
    [{ scope: 'account' }, CONNECTED, 'is for the own account, and the event is of a connected'],
    [{ scope: 'connect' }, OWN, 'is for connected accounts, and the event is of the own account'],
    [{ livemode: true }, { livemode: false }, 'is for live mode, and the event is of test mode'],
    [{ livemode: false }, { livemode: true }, 'is for test mode, and the event is of live mode'],
    [{ scope: 'connect', livemode: true }, { ...CONNECTED, livemode: false }, 'is for live mode'],
    [{ scope: 'connect', livemode: true }, { livemode: false }, 'is for connected accounts'],
  ])('%j turns an event with %j away', (filter, envelope, expected) => {
    expect(reason(filter, envelope)).toMatch(`endpoint "connect" ${expected}`);
  });

  it('takes an event without a mode for neither', () => {
    expect(reason({ livemode: true }, {})).toBeDefined();
    expect(reason({ livemode: false }, {})).toBeDefined();
  });

  it.each([null, 5, {}])('takes an account that is no text for none: %j', (account) => {
    const envelope = { account } as unknown as StripeEnvelope;

    expect(reason({ scope: 'account' }, envelope)).toBeUndefined();
    expect(reason({ scope: 'connect' }, envelope)).toBeDefined();
  });

  it('takes an event notification with a context for one of a connected account', () => {
    const envelope: StripeEnvelope = { object: 'v2.core.event', context: 'acct_1' };

    expect(reason({ scope: 'account' }, envelope)).toBeDefined();
    expect(reason({ scope: 'connect' }, envelope)).toBeUndefined();
  });
});

describe('The filter of a handler', () => {
  it('lets every snapshot event pass where nothing is asked for', () => {
    const skipReason = snapshotFilter({});

    expect(skipReason({ payload: OWN } as unknown as WebhookEvent)).toBeUndefined();
    expect(skipReason({ payload: CONNECTED } as unknown as WebhookEvent)).toBeUndefined();
  });

  it('turns an event notification away', () => {
    const payload = { id: 'evt_1', object: 'v2.core.event', type: 'v1.invoice.paid' };

    const reason = snapshotFilter({})({ payload } as unknown as WebhookEvent);

    expect(reason).toMatch(/snapshot events.*event notification/);
  });

  it('looks at the payload and says whose it is', () => {
    const skipReason = snapshotFilter({ scope: 'account' });

    expect(skipReason({ payload: OWN } as unknown as WebhookEvent)).toBeUndefined();
    expect(skipReason({ payload: CONNECTED } as unknown as WebhookEvent)).toMatch(
      /^the handler is/,
    );
  });
});
