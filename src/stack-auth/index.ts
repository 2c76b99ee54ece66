// Module
export { StackAuthWebhooksModule } from './stack-auth-webhooks.module.js';
export type { StackAuthWebhooksOptions } from './stack-auth-options.interface.js';

// Handlers
export { OnStackAuthEvent } from './on-stack-auth-event.decorator.js';

// Event types
export type {
  StackAuthEventFor,
  StackAuthEventMap,
  StackAuthEventPattern,
  StackAuthEventType,
} from './stack-auth-event-map.js';
export type {
  StackAuthEvent,
  StackAuthProjectPermission,
  StackAuthProjectPermissionCreatedEvent,
  StackAuthProjectPermissionDeletedEvent,
  StackAuthTeamCreatedEvent,
  StackAuthTeamDeletedEvent,
  StackAuthTeamMembership,
  StackAuthTeamMembershipCreatedEvent,
  StackAuthTeamMembershipDeletedEvent,
  StackAuthTeamPermission,
  StackAuthTeamPermissionCreatedEvent,
  StackAuthTeamPermissionDeletedEvent,
  StackAuthTeamUpdatedEvent,
  StackAuthUserCreatedEvent,
  StackAuthUserDeletedEvent,
  StackAuthUserUpdatedEvent,
} from './stack-auth-event.js';
export type {
  StackAuthOAuthProvider,
  StackAuthRestrictedReason,
  StackAuthTeam,
  StackAuthUser,
} from './stack-auth-objects.js';
