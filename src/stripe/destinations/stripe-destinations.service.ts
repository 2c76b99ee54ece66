import { Injectable } from '@nestjs/common';
import type { StripeApi } from '../api/stripe-api.js';
import { compareDestination } from './compare-destinations.js';
import { drift, isOfWantedKind, isSameUrl, notice } from './destination-differences.js';
import { runSteps, stepsToApply, stepsToFinish, stepsToUpgrade } from './destination-steps.js';
import type { DestinationChange, PlannedDestination } from './destination-steps.js';
import { EndpointTargets } from './endpoint-targets.js';
import type { EndpointTarget, StripeDestinationsOptions } from './endpoint-targets.js';
import type { SecretHandoverOptions } from './secret-handover.js';
import { readDestinations } from './stripe-destination.js';
import type { StripeDestination } from './stripe-destination.js';
import type {
  DestinationFinding,
  StripeDestinationsPlan,
} from './stripe-destinations-plan.interface.js';

export interface StripeApplyOptions extends StripeDestinationsOptions, SecretHandoverOptions {
  /**
   * Changes nothing and says what would be changed.
   * @default true for a live account, false for a test account or a sandbox
   */
  readonly dryRun?: boolean;
}

export interface StripeUpgradeOptions extends StripeApplyOptions {
  /**
   * Ends the upgrade: what the new destinations stand beside is disabled. Only when the application has
   * the new secrets.
   * @default false
   */
  readonly finish?: boolean;
}

export interface StripeApplyReport {
  readonly isDryRun: boolean;
  /** What was changed, or would be. */
  readonly changes: readonly DestinationChange[];
  /** The plan that it was made by. */
  readonly plan: StripeDestinationsPlan;
}

/**
 * Keeps what Stripe sends in step with what the handlers listen to. It changes only event destinations
 * that it has made itself, for the same endpoint and URL, which it knows by their metadata.
 */
@Injectable()
export class StripeDestinations {
  constructor(private readonly targets: EndpointTargets) {}

  /**
   * Compares what the handlers listen to with the webhook endpoints and event destinations of the account.
   * Nothing is changed. `isInStep` is false where Stripe sends something else: fail the build then.
   *
   * @throws WebhookConfigurationError for an endpoint without a URL or a mode, StripeClientError, and the
   * SDK's errors.
   *
   * @example
   * const { isInStep, destinations } = await stripeDestinations.plan({ baseUrl: 'https://example.com' });
   */
  async plan(options: StripeDestinationsOptions = {}): Promise<StripeDestinationsPlan> {
    return (await this.#plan(options)).plan;
  }

  /**
   * Makes the destinations that are missing, and gives those it has made the types that the handlers listen
   * to. What needs another destination (an API version, whose events) is left to `upgrade`.
   *
   * @throws WebhookConfigurationError where a secret would go nowhere, and over Stripe's limit.
   */
  async apply(options: StripeApplyOptions = {}): Promise<StripeApplyReport> {
    const { plan, planned } = await this.#plan(options);
    const steps = planned.flatMap((each) => stepsToApply(each));
    return { ...(await runSteps(steps, options)), plan };
  }

  /**
   * Changes what Stripe lets nobody change in a destination, its API version above all, without a gap: first
   * a second destination beside the first, with a secret of its own; then, with `finish`, the first is
   * disabled. In between, events come twice and run once, because their ids are the same.
   */
  async upgrade(options: StripeUpgradeOptions = {}): Promise<StripeApplyReport> {
    const { plan, planned } = await this.#plan(options);
    const steps = planned.flatMap((each) =>
      options.finish ? stepsToFinish(each) : stepsToUpgrade(each),
    );
    return { ...(await runSteps(steps, options)), plan };
  }

  async #plan(
    options: StripeDestinationsOptions,
  ): Promise<{ plan: StripeDestinationsPlan; planned: readonly PlannedDestination[] }> {
    const present = new Map<StripeApi, Promise<readonly StripeDestination[]>>();
    const findings: DestinationFinding[] = [];
    const planned: PlannedDestination[] = [];
    for (const target of this.targets.find(options)) {
      const reading = present.get(target.api) ?? readDestinations(target.api);
      present.set(target.api, reading);
      planned.push(...planTarget(target, await reading));
      findings.push(...findingsOf(target, await reading));
    }
    const destinations = planned.map(({ plan }) => plan);
    const all = [...findings, ...destinations.flatMap((each) => each.findings)];
    const isInStep = all.every(({ isDrift }) => !isDrift);
    return { plan: { destinations, findings, isInStep }, planned };
  }
}

function planTarget(
  { api, livemode, wanted }: EndpointTarget,
  present: readonly StripeDestination[],
): PlannedDestination[] {
  return wanted.map((each) => ({
    api,
    livemode,
    plan: compareDestination(each, present),
    outdated: present.filter(
      (other) =>
        other.madeFor === each.need.endpoint.name &&
        other.format === each.need.format &&
        !other.isRetired &&
        other.url !== undefined &&
        isSameUrl(other.url, each.url) &&
        !isOfWantedKind(other, each),
    ),
  }));
}

function findingsOf(
  { endpoint, url, wanted, unknownPatterns }: EndpointTarget,
  present: readonly StripeDestination[],
): DestinationFinding[] {
  const unneeded = present.filter(
    (each) =>
      each.madeFor === endpoint.name &&
      !each.isRetired &&
      each.isEnabled &&
      each.url !== undefined &&
      isSameUrl(each.url, url) &&
      wanted.every(({ need }) => need.format !== each.format),
  );
  return [
    ...unneeded.map(({ id, format }) =>
      drift('types_unhandled', `${id} sends ${format} events, which nobody handles: delete it`),
    ),
    ...unknownPatterns.map(({ handler, pattern }) =>
      notice('unknown_pattern', `${handler} listens to "${pattern}", which no known type matches`),
    ),
  ];
}
