import { readFile } from 'node:fs/promises';
import {
  grantCommand,
  permissionsIn,
  StripeAppPermissions,
} from '../../stripe/apps/stripe-app-permissions.service.js';
import type { StripeAppManifest } from '../../stripe/apps/stripe-app-permissions.service.js';
import { StripeCanary } from '../../stripe/canary/stripe-canary.service.js';
import { StripeDestinations } from '../../stripe/destinations/stripe-destinations.service.js';
import type { StripeApplyReport } from '../../stripe/destinations/stripe-destinations.service.js';
import type { StripeDestinationsPlan } from '../../stripe/destinations/stripe-destinations-plan.interface.js';
import type { Command, CommandResult } from '../command.interface.js';
import type { CommandOptions } from '../options.js';
import { given, livemodeOf, numberOf } from '../options.js';
import { table } from '../table.js';
import { UsageError } from '../usage.error.js';

const WHERE = ['endpoint', 'base-url', 'live', 'test'];
const CHANGES = [...WHERE, 'secret-file', 'yes', 'dry-run'];

export const stripePlan: Command = {
  name: 'stripe plan',
  description: 'compares what Stripe sends with what the handlers listen to',
  options: WHERE,
  run: async ({ app, options }) => {
    const plan = await app.get(StripeDestinations, { strict: false }).plan(whereOf(options));
    return { json: plan, text: describePlan(plan) };
  },
};

export const stripeCheck: Command = {
  ...stripePlan,
  name: 'stripe check',
  description: 'the same, and fails where they differ: for CI',
  run: async (context) => {
    const result = await stripePlan.run(context);
    return { ...result, isAsWanted: (result.json as StripeDestinationsPlan).isInStep };
  },
};

export const stripeApply: Command = {
  name: 'stripe apply',
  description: 'makes and changes destinations; on a live account only with --yes',
  options: CHANGES,
  run: async ({ app, options }) => {
    const destinations = app.get(StripeDestinations, { strict: false });
    return describeChanges(await destinations.apply(changesOf(options)));
  },
};

export const stripeUpgrade: Command = {
  name: 'stripe upgrade',
  description:
    'a second destination of the new API version beside the first; --finish ends the first',
  options: [...CHANGES, 'finish'],
  run: async ({ app, options }) => {
    const destinations = app.get(StripeDestinations, { strict: false });
    const { finish } = options;
    return describeChanges(await destinations.upgrade({ ...changesOf(options), finish }));
  },
};

export const stripePermissions: Command = {
  name: 'stripe permissions',
  description: 'what a Stripe App has to ask for; with --manifest what is missing there',
  options: ['endpoint', 'manifest'],
  run: async ({ app, options }) => {
    const permissions = app.get(StripeAppPermissions, { strict: false });
    const where = given({ endpoint: options.endpoint });
    const { unknownTypes, ...needed } = permissions.needed(where);
    const listed =
      options.manifest === undefined
        ? needed.permissions
        : permissions.missing(permissionsIn(await readManifest(options.manifest)), where);
    const commands = listed.map((each) => `${grantCommand(each)}  # ${each.basis}\n`).join('');
    const unknown = unknownTypes.map((type) => `# not known what it needs: ${type}\n`).join('');
    const manifest = listed.map(({ permission, purpose }) => ({ permission, purpose }));
    return {
      json: { permissions: listed, unknownTypes, manifest: { permissions: manifest } },
      text: `${commands || '# nothing is missing\n'}${unknown}`,
      isAsWanted: options.manifest === undefined || listed.length === 0,
    };
  },
};

export const stripePing: Command = {
  name: 'stripe ping',
  description: 'has Stripe ping the endpoints, and waits for the pings to arrive',
  options: [...WHERE, 'within'],
  readsInbox: true,
  run: async ({ app, options }) => {
    const reports = await app.get(StripeCanary, { strict: false }).ping({
      ...whereOf(options),
      ...given({ withinMs: numberOf('within', options.within) }),
    });
    const rows = reports.map((each) => [
      each.endpoint,
      each.destination ?? '',
      each.status,
      each.roundTripMs === undefined ? '' : `${each.roundTripMs} ms`,
      each.message,
    ]);
    const headings = ['ENDPOINT', 'DESTINATION', 'STATUS', 'ROUND TRIP', ''];
    const isAsWanted = reports.every(({ status }) => status === 'arrived');
    return { json: reports, text: table(headings, rows), isAsWanted };
  },
};

function whereOf(options: CommandOptions) {
  const { endpoint, 'base-url': baseUrl } = options;
  return { ...livemodeOf(options), ...given({ endpoint, baseUrl }) };
}

function changesOf(options: CommandOptions) {
  const { 'dry-run': isDryRun, yes, 'secret-file': secretFile } = options;
  if (isDryRun && yes) throw new UsageError('Give --dry-run or --yes, not both.');
  const dryRun = isDryRun || yes ? isDryRun : undefined;
  return { ...whereOf(options), ...given({ dryRun, secretFile }) };
}

async function readManifest(path: string): Promise<StripeAppManifest> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as StripeAppManifest;
  } catch (error) {
    throw new UsageError(`${path} cannot be read as JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function describePlan({ destinations, findings, isInStep }: StripeDestinationsPlan): string {
  const rows = destinations.map((each) => [
    each.endpoint,
    each.format,
    each.url,
    each.action,
    each.destination ?? '',
    String(each.types.length),
  ]);
  const headings = ['ENDPOINT', 'FORMAT', 'URL', 'ACTION', 'DESTINATION', 'TYPES'];
  const end = isInStep ? 'In step.\n' : 'Out of step.\n';
  return table(headings, rows) + describeFindings({ destinations, findings }) + end;
}

type Findings = Pick<StripeDestinationsPlan, 'destinations' | 'findings'>;

function describeFindings({ destinations, findings }: Findings): string {
  return [...destinations.flatMap((each) => each.findings), ...findings]
    .map(({ isDrift, message }) => `${isDrift ? '!' : '-'} ${message}\n`)
    .join('');
}

function describeChanges(report: StripeApplyReport): CommandResult {
  const { isDryRun, changes, plan } = report;
  const rows = changes.map((each) => [
    each.change,
    each.destination ?? '(new)',
    each.endpoint,
    each.url,
  ]);
  const found = describeFindings(plan);
  if (changes.length === 0) return { json: report, text: `${found}Nothing to change.\n` };
  const end = isDryRun ? 'Nothing was changed: give --yes to go.\n' : 'Done.\n';
  const headings = ['CHANGE', 'DESTINATION', 'ENDPOINT', 'URL'];
  return { json: report, text: found + table(headings, rows) + end };
}
