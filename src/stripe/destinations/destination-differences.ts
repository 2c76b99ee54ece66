import type { StripeNeed } from '../needs/stripe-needs.service.js';
import { SNAPSHOT } from '../stripe-formats.js';
import type { StripeDestination } from './stripe-destination.js';
import type { DestinationFinding } from './stripe-destinations-plan.interface.js';

/** One destination that the application needs. */
export interface WantedDestination {
  readonly need: StripeNeed;
  readonly url: string;
  /** For snapshot events: the version that the handlers are compiled against. */
  readonly apiVersion: string | undefined;
}

/** What Stripe lets nobody change in a destination. */
export function fixedDifferences(
  current: StripeDestination,
  { need, apiVersion }: WantedDestination,
): DestinationFinding[] {
  const findings: DestinationFinding[] = [];
  if (apiVersion !== undefined && current.apiVersion !== apiVersion) {
    findings.push(
      drift(
        'api_version',
        `${current.id} renders ${current.apiVersion ?? "the account's version"}, and the client has ${apiVersion}`,
      ),
    );
  }
  if (current.ofAccount !== need.ofAccount || current.ofConnect !== need.ofConnect) {
    findings.push(
      drift(
        'events_from',
        `${current.id} sends events of ${whose(current)}, and the handlers want those of ${whose(need)}`,
      ),
    );
  }
  return findings;
}

/** Whether it has what cannot be changed later. */
export function isOfWantedKind(present: StripeDestination, wanted: WantedDestination): boolean {
  return fixedDifferences(present, wanted).length === 0;
}

export function covers(present: StripeDestination, wanted: WantedDestination): boolean {
  return lackOf(present, wanted) === '';
}

/** What of the wanted a destination does not send, in words; empty for nothing. */
export function lackOf(present: StripeDestination, { need }: WantedDestination): string {
  const types = present.types.includes('*')
    ? []
    : [...need.types.keys()].filter((type) => !present.types.includes(type));
  return [
    ...types,
    ...(need.ofAccount && !present.ofAccount ? ['the own account'] : []),
    ...(need.ofConnect && !present.ofConnect ? ['connected accounts'] : []),
    ...(present.isEnabled ? [] : ['being enabled']),
  ].join(', ');
}

export function isSameUrl(left: string, right: string): boolean {
  const [a, b] = [left, right].map((each) => (URL.canParse(each) ? new URL(each).href : each));
  return a!.replace(/\/$/, '') === b!.replace(/\/$/, '');
}

function whose({ ofAccount, ofConnect }: { ofAccount: boolean; ofConnect: boolean }): string {
  if (ofAccount && ofConnect) return 'the own account and connected accounts';
  return ofConnect ? 'connected accounts' : 'the own account';
}

export function twice(one: StripeDestination, other: StripeDestination): DestinationFinding {
  const what = one.format === SNAPSHOT ? 'snapshot events' : 'notifications';
  return notice(
    'two_on_url',
    `${other.id} sends ${what} to the same URL as ${one.id}: with a secret of its own, and twice`,
  );
}

export function drift(code: DestinationFinding['code'], message: string): DestinationFinding {
  return { code, isDrift: true, message };
}

export function notice(code: DestinationFinding['code'], message: string): DestinationFinding {
  return { code, isDrift: false, message };
}
