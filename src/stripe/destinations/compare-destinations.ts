import {
  covers,
  drift,
  fixedDifferences,
  isOfWantedKind,
  isSameUrl,
  lackOf,
  notice,
  twice,
} from './destination-differences.js';
import type { WantedDestination } from './destination-differences.js';
import { MAX_DESTINATIONS } from './stripe-destination.js';
import type { StripeDestination } from './stripe-destination.js';
import type { DestinationFinding, DestinationPlan } from './stripe-destinations-plan.interface.js';

type Comparison = Pick<
  DestinationPlan,
  'action' | 'destination' | 'isOwn' | 'addTypes' | 'removeTypes' | 'findings'
>;

/** What is there at the wanted URL, and whose it is. */
interface Candidates {
  readonly own: readonly StripeDestination[];
  readonly foreign: readonly StripeDestination[];
}

/** Compares what is wanted with what an account has. */
export function compareDestination(
  wanted: WantedDestination,
  present: readonly StripeDestination[],
): DestinationPlan {
  const { need, url, apiVersion } = wanted;
  const { own, foreign } = candidatesFor(wanted, present);
  const current = own.find((each) => isOfWantedKind(each, wanted)) ?? own[0];
  const plan = {
    endpoint: need.endpoint.name,
    url,
    format: need.format,
    types: [...need.types.keys()],
    ofAccount: need.ofAccount,
    ofConnect: need.ofConnect,
    apiVersion,
  };
  if (current) return { ...plan, ...compareOwn(current, own, foreign, wanted) };

  const covering = foreign.filter((each) => covers(each, wanted));
  if (covering.length > 0) return { ...plan, ...describeForeign(covering, foreign, wanted) };
  const findings = [
    drift('missing', `Stripe sends no ${need.format} events to ${url}`),
    ...foreign.map((each) =>
      drift(
        'foreign_incomplete',
        `${each.id} sends there as well, is managed by someone else and lacks ${lackOf(each, wanted)}`,
      ),
    ),
  ];
  if (present.length >= MAX_DESTINATIONS) {
    findings.push(
      drift('over_limit', `the account has ${present.length} of ${MAX_DESTINATIONS} destinations`),
    );
  }
  return {
    ...plan,
    action: 'create',
    isOwn: true,
    addTypes: plan.types,
    removeTypes: [],
    findings,
  };
}

function compareOwn(
  current: StripeDestination,
  own: readonly StripeDestination[],
  foreign: readonly StripeDestination[],
  wanted: WantedDestination,
): Comparison {
  const types = [...wanted.need.types.keys()];
  const addTypes = types.filter((type) => !current.types.includes(type));
  const removeTypes = current.types.filter((type) => !types.includes(type));
  const findings: DestinationFinding[] = [];
  if (addTypes.length > 0) {
    findings.push(drift('types_missing', `${current.id} does not send ${addTypes.join(', ')}`));
  }
  if (removeTypes.length > 0) {
    findings.push(
      drift(
        'types_unhandled',
        `${current.id} sends ${removeTypes.join(', ')}, which nobody handles`,
      ),
    );
  }
  if (!current.isEnabled) findings.push(drift('disabled', `${current.id} is disabled`));
  findings.push(...fixedDifferences(current, wanted));
  const others = own.filter((each) => each !== current);
  const outdated = others.filter((each) => !isOfWantedKind(each, wanted));
  if (outdated.length > 0) {
    const ids = [...outdated, current].map(({ id }) => id);
    findings.push(
      notice('upgrade_unfinished', `${ids.join(' and ')} send the same: finish the upgrade`),
    );
  }
  // Two processes that applied at once have made two of a kind.
  const twins = [...others.filter((each) => !outdated.includes(each)), ...foreign];
  findings.push(...twins.filter(({ isEnabled }) => isEnabled).map((each) => twice(current, each)));

  const isChangeable = addTypes.length > 0 || removeTypes.length > 0 || !current.isEnabled;
  const isOfOtherKind = !isOfWantedKind(current, wanted);
  const action = isOfOtherKind ? 'upgrade' : isChangeable ? 'update' : 'none';
  return { action, destination: current.id, isOwn: true, addTypes, removeTypes, findings };
}

/** Someone else's, which send all that the handlers want: nothing is to be done. */
function describeForeign(
  covering: readonly StripeDestination[],
  foreign: readonly StripeDestination[],
  wanted: WantedDestination,
): Comparison {
  const [first] = covering;
  const types = wanted.need.types;
  const unhandled = first!.types.filter((type) => type !== '*' && !types.has(type));
  const findings = [
    notice('foreign', `${first!.id} sends all that is wanted and is managed by someone else`),
    ...fixedDifferences(first!, wanted).filter(({ code }) => code === 'api_version'),
    ...foreign
      .filter((each) => each !== first && each.isEnabled)
      .map((each) => twice(first!, each)),
  ];
  if (first!.types.includes('*')) {
    findings.push(
      notice('wildcard', `${first!.id} has "*", which leaves out the types that have to be named`),
    );
  }
  if (unhandled.length > 0) {
    findings.push(
      notice('types_unhandled', `${first!.id} sends ${unhandled.join(', ')}, which nobody handles`),
    );
  }
  return {
    action: 'none',
    destination: first!.id,
    isOwn: false,
    addTypes: [],
    removeTypes: [],
    findings,
  };
}

function candidatesFor(
  { need, url }: WantedDestination,
  present: readonly StripeDestination[],
): Candidates {
  const there = present.filter(
    (each) => each.format === need.format && each.url !== undefined && isSameUrl(each.url, url),
  );
  const isOwn = (each: StripeDestination): boolean => each.madeFor === need.endpoint.name;
  return {
    own: there.filter((each) => isOwn(each) && !each.isRetired),
    foreign: there.filter((each) => !isOwn(each)),
  };
}
