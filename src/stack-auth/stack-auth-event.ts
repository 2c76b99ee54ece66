import type { StackAuthTeam, StackAuthUser } from './stack-auth-objects.js';

interface Envelope<Type extends string, Data> {
  readonly type: Type;
  readonly data: Data;
}

export interface StackAuthUserCreatedEvent extends Envelope<'user.created', StackAuthUser> {}
export interface StackAuthUserUpdatedEvent extends Envelope<'user.updated', StackAuthUser> {}
/** `teams` are those that the user was a member of. */
export interface StackAuthUserDeletedEvent extends Envelope<
  'user.deleted',
  { readonly id: string; readonly teams?: readonly { readonly id: string }[] }
> {}

export interface StackAuthTeamCreatedEvent extends Envelope<'team.created', StackAuthTeam> {}
export interface StackAuthTeamUpdatedEvent extends Envelope<'team.updated', StackAuthTeam> {}
export interface StackAuthTeamDeletedEvent extends Envelope<
  'team.deleted',
  { readonly id: string }
> {}

/** A user and the team they are, or were, a member of. */
export interface StackAuthTeamMembership {
  readonly team_id: string;
  readonly user_id: string;
}
export interface StackAuthTeamMembershipCreatedEvent extends Envelope<
  'team_membership.created',
  StackAuthTeamMembership
> {}
export interface StackAuthTeamMembershipDeletedEvent extends Envelope<
  'team_membership.deleted',
  StackAuthTeamMembership
> {}

/** `id` is the permission's name. */
export interface StackAuthTeamPermission {
  readonly id: string;
  readonly user_id: string;
  readonly team_id: string;
}
export interface StackAuthTeamPermissionCreatedEvent extends Envelope<
  'team_permission.created',
  StackAuthTeamPermission
> {}
export interface StackAuthTeamPermissionDeletedEvent extends Envelope<
  'team_permission.deleted',
  StackAuthTeamPermission
> {}

/** `id` is the permission's name. */
export interface StackAuthProjectPermission {
  readonly id: string;
  readonly user_id: string;
}
export interface StackAuthProjectPermissionCreatedEvent extends Envelope<
  'project_permission.created',
  StackAuthProjectPermission
> {}
export interface StackAuthProjectPermissionDeletedEvent extends Envelope<
  'project_permission.deleted',
  StackAuthProjectPermission
> {}

/**
 * What Stack Auth sends: the types that are documented, and the two of project permissions, which are
 * sent as well. The events have no id of their own; it is `context.eventId`.
 */
export type StackAuthEvent =
  | StackAuthUserCreatedEvent
  | StackAuthUserUpdatedEvent
  | StackAuthUserDeletedEvent
  | StackAuthTeamCreatedEvent
  | StackAuthTeamUpdatedEvent
  | StackAuthTeamDeletedEvent
  | StackAuthTeamMembershipCreatedEvent
  | StackAuthTeamMembershipDeletedEvent
  | StackAuthTeamPermissionCreatedEvent
  | StackAuthTeamPermissionDeletedEvent
  | StackAuthProjectPermissionCreatedEvent
  | StackAuthProjectPermissionDeletedEvent;
