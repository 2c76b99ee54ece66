import { WebhookConfigurationError } from '../../errors/webhook-configuration.error.js';
import type { StripeApi } from '../api/stripe-api.js';
import { DestinationWriter } from './destination-writer.js';
import { openSecretHandover } from './secret-handover.js';
import type { SecretHandover, SecretHandoverOptions } from './secret-handover.js';
import type { StripeDestination } from './stripe-destination.js';
import type { DestinationPlan } from './stripe-destinations-plan.interface.js';

export interface DestinationChange {
  readonly change: 'created' | 'updated' | 'enabled' | 'retired';
  /** The destination's id in Stripe; undefined for one that a dry run would make. */
  readonly destination: string | undefined;
  readonly endpoint: string;
  readonly url: string;
}

/** A plan with what it is carried out on. */
export interface PlannedDestination {
  readonly plan: DestinationPlan;
  readonly api: StripeApi;
  readonly livemode: boolean;
  /** What an upgrade has made superfluous. */
  readonly outdated: readonly StripeDestination[];
}

/** One change in Stripe. */
export interface Step extends Omit<DestinationChange, 'destination'> {
  readonly livemode: boolean;
  readonly destination?: string | undefined;
  readonly needsSecret?: boolean;
  /** Gives the id. */
  readonly run: (secrets: SecretHandover | undefined) => Promise<string>;
}

export function stepsToApply({ plan, api, livemode }: PlannedDestination): Step[] {
  const { endpoint, url, destination, types, addTypes, removeTypes, findings } = plan;
  const writer = new DestinationWriter(api);
  const common = { endpoint, url, livemode };
  if (plan.action === 'create') return [createStep(plan, api, livemode)];
  if (destination === undefined || !plan.isOwn) return [];
  const steps: Step[] = [];
  if (addTypes.length > 0 || removeTypes.length > 0) {
    const update = async (): Promise<string> => {
      await writer.setTypes(destination, types);
      return destination;
    };
    steps.push({ ...common, change: 'updated', destination, run: update });
  }
  if (findings.some(({ code }) => code === 'disabled')) {
    const enable = async (): Promise<string> => {
      await writer.enable(destination);
      return destination;
    };
    steps.push({ ...common, change: 'enabled', destination, run: enable });
  }
  return steps;
}

export function stepsToUpgrade({ plan, api, livemode }: PlannedDestination): Step[] {
  return plan.action === 'upgrade' ? [createStep(plan, api, livemode)] : [];
}

/** Only where the new one is there and enabled. */
export function stepsToFinish({ plan, api, livemode, outdated }: PlannedDestination): Step[] {
  const { endpoint, url } = plan;
  if (plan.action !== 'none') return [];
  const writer = new DestinationWriter(api);
  return outdated.map(({ id }) => ({
    change: 'retired',
    destination: id,
    endpoint,
    url,
    livemode,
    run: async () => {
      await writer.retire(id);
      return id;
    },
  }));
}

function createStep(plan: DestinationPlan, api: StripeApi, livemode: boolean): Step {
  const { endpoint, url, findings } = plan;
  return {
    change: 'created',
    endpoint,
    url,
    livemode,
    needsSecret: true,
    run: (secrets) => {
      const excess = findings.find(({ code }) => code === 'over_limit');
      if (excess)
        throw new WebhookConfigurationError(`No destination for ${url}: ${excess.message}.`);
      return new DestinationWriter(api).create(plan, secrets!);
    },
  };
}

/** Makes the changes one after the other; none of them in a dry run. */
export async function runSteps(
  steps: readonly Step[],
  { dryRun, ...handover }: SecretHandoverOptions & { readonly dryRun?: boolean },
): Promise<{ readonly isDryRun: boolean; readonly changes: readonly DestinationChange[] }> {
  const isDryRun = dryRun ?? steps.some(({ livemode }) => livemode);
  const toChange = ({ change, destination, endpoint, url }: Step): DestinationChange => ({
    change,
    destination,
    endpoint,
    url,
  });
  if (isDryRun || steps.length === 0) return { isDryRun, changes: steps.map(toChange) };

  const changes: DestinationChange[] = [];
  const needsSecret = steps.some((step) => step.needsSecret);
  const secrets = needsSecret ? await openSecretHandover(handover) : undefined;
  try {
    for (const step of steps) {
      changes.push({ ...toChange(step), destination: await step.run(secrets) });
    }
  } finally {
    await secrets?.close();
  }
  return { isDryRun, changes };
}
