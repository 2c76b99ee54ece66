import { Injectable } from '@nestjs/common';
import { StripeNeedsService } from '../needs/stripe-needs.service.js';
import { EVENT_READ, permissionOf } from './event-permissions.js';
import type { EventPermission, EventPermissionTable } from './event-permissions.js';

export interface StripeAppPermissionsOptions {
  /** Only what the handlers of this endpoint need. Default: of all Stripe endpoints. */
  readonly endpoint?: string;
  /**
   * Permissions by type or prefix, which win over the package's own table. Any one of a list will do, and
   * the first is asked for; an empty list is for events that need `event_read` alone.
   * @default none
   */
  readonly table?: EventPermissionTable;
}

/** A permission that a Stripe App needs, as its manifest `stripe-app.json` lists it. */
export interface NeededPermission {
  readonly permission: string;
  readonly purpose: string;
  /** The types of events that it is needed for. */
  readonly types: readonly string[];
  /** Any of these will do in its place. */
  readonly alternatives: readonly string[];
  /** How that is known; the weakest of its types. */
  readonly basis: Exclude<EventPermission['basis'], 'unknown'>;
}

export interface StripeAppPermissionsReport {
  readonly permissions: readonly NeededPermission[];
  /** Types of which it is not known what they need. */
  readonly unknownTypes: readonly string[];
}

/** A manifest: `stripe-app.json`, or the newer one with extensions, parsed. */
export interface StripeAppManifest {
  readonly permissions?: readonly { readonly permission?: string }[] | null;
  readonly extensions?:
    readonly { readonly permissions?: readonly { readonly permission?: string }[] | null }[] | null;
}

/** Which permissions a Stripe App has to ask for, so that it is sent the events that its handlers want. */
@Injectable()
export class StripeAppPermissions {
  constructor(private readonly needs: StripeNeedsService) {}

  /**
   * The permissions that the handlers need: `event_read` and each event's own.
   *
   * @example
   * const { permissions } = appPermissions.needed();
   */
  needed({ endpoint, table }: StripeAppPermissionsOptions = {}): StripeAppPermissionsReport {
    const types = this.#typesOf(endpoint);
    const found = types.map((type) => ({ type, ...permissionOf(type, table) }));
    return {
      permissions: [...(types.length > 0 ? [eventRead(types)] : []), ...group(found)],
      unknownTypes: found.flatMap(({ type, basis }) => (basis === 'unknown' ? [type] : [])),
    };
  }

  /**
   * Those of the needed permissions that are not among the granted: the `permissions_granted` of an install
   * (`apps.install.created`), or `permissionsIn(manifest)`.
   */
  missing(
    granted: readonly string[],
    options: StripeAppPermissionsOptions = {},
  ): readonly NeededPermission[] {
    return this.needed(options).permissions.filter(
      ({ alternatives }) => !alternatives.some((each) => granted.includes(each)),
    );
  }

  #typesOf(endpoint: string | undefined): string[] {
    const needs = this.needs
      .stripeEndpoints(endpoint)
      .flatMap((each) => [true, false].flatMap((mode) => this.needs.ofEndpoint(each, mode).needs));
    return [...new Set(needs.flatMap(({ types }) => [...types.keys()]))].sort();
  }
}

interface TypePermission extends EventPermission {
  readonly type: string;
}

function eventRead(types: readonly string[]): NeededPermission {
  return {
    permission: EVENT_READ,
    purpose: 'Receive events',
    types,
    alternatives: [EVENT_READ],
    basis: 'documented',
  };
}

/** One entry for each permission. What will do in its place is what will do for all of its types. */
function group(found: readonly TypePermission[]): NeededPermission[] {
  const groups = new Map<string, TypePermission[]>();
  for (const each of found) {
    const { permission } = each;
    if (permission === undefined) continue;
    groups.set(permission, [...(groups.get(permission) ?? []), each]);
  }
  return [...groups].map(([permission, ofPermission]) => {
    const types = ofPermission.map(({ type }) => type);
    const [first] = ofPermission;
    return {
      permission,
      purpose: `Receive ${types.join(', ')} events`,
      types,
      alternatives: first!.alternatives.filter((each) =>
        ofPermission.every(({ alternatives }) => alternatives.includes(each)),
      ),
      basis: weakest(ofPermission),
    };
  });
}

const BASES = ['derived', 'given', 'documented'] as const;

function weakest(found: readonly TypePermission[]): NeededPermission['basis'] {
  return BASES.find((basis) => found.some((each) => each.basis === basis))!;
}

/** The permissions that a manifest lists, of the App and of its extensions. */
export function permissionsIn({ permissions, extensions }: StripeAppManifest): readonly string[] {
  const lists = [permissions, ...(extensions ?? []).map((each) => each.permissions)];
  return lists.flatMap((list) => list ?? []).flatMap(({ permission }) => permission ?? []);
}

/** The command of the Stripe CLI that puts a permission into the manifest. */
export function grantCommand({ permission, purpose }: NeededPermission): string {
  return `stripe apps grant permission "${permission}" "${purpose}"`;
}
