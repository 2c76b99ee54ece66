import type { StripeEventFormat } from '../event-types/known-event-types.js';

/** Something worth knowing of what Stripe sends. */
export interface DestinationFinding {
  readonly code:
    | 'missing'
    | 'types_missing'
    | 'types_unhandled'
    | 'disabled'
    | 'api_version'
    | 'events_from'
    | 'over_limit'
    | 'foreign'
    | 'foreign_incomplete'
    | 'wildcard'
    | 'two_on_url'
    | 'upgrade_unfinished'
    | 'unknown_pattern';
  /** Whether the application and Stripe are out of step by it; otherwise it is only to be known. */
  readonly isDrift: boolean;
  readonly message: string;
}

/** What is to be done about one destination that the handlers need. */
export interface DestinationPlan {
  /** The name of the endpoint. */
  readonly endpoint: string;
  readonly url: string;
  readonly format: StripeEventFormat;
  /** The exact types that the handlers listen to. */
  readonly types: readonly string[];
  readonly ofAccount: boolean;
  readonly ofConnect: boolean;
  readonly apiVersion: string | undefined;
  /** `upgrade` for a difference that Stripe lets nobody change in a destination that is there. */
  readonly action: 'none' | 'create' | 'update' | 'upgrade';
  /** The id of the one that is there. */
  readonly destination?: string;
  /** Whether this package has made it. Others are never changed. */
  readonly isOwn: boolean;
  readonly addTypes: readonly string[];
  readonly removeTypes: readonly string[];
  readonly findings: readonly DestinationFinding[];
}

export interface StripeDestinationsPlan {
  readonly destinations: readonly DestinationPlan[];
  /** What is not about one destination. */
  readonly findings: readonly DestinationFinding[];
  /** Whether Stripe sends exactly what the handlers listen to. */
  readonly isInStep: boolean;
}
