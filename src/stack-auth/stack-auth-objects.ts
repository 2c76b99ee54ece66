/** A team, as Stack Auth sends it. What older servers leave out is optional. */
export interface StackAuthTeam {
  readonly id: string;
  readonly display_name: string;
  readonly profile_image_url: string | null;
  readonly created_at_millis: number;
  readonly client_metadata?: unknown;
  readonly client_read_only_metadata?: unknown;
  readonly server_metadata?: unknown;
}

/** A way to log in through another service. */
export interface StackAuthOAuthProvider {
  /** The provider, such as `github`. */
  readonly id: string;
  /** The user's id there. */
  readonly account_id: string;
  readonly email?: string | null;
}

/** Why an account may not do everything yet. */
export interface StackAuthRestrictedReason {
  readonly type: 'anonymous' | 'email_not_verified' | 'restricted_by_administrator';
}

/** A user, as Stack Auth sends it. What older servers leave out is optional. */
export interface StackAuthUser {
  readonly id: string;
  readonly primary_email: string | null;
  readonly primary_email_verified: boolean;
  readonly primary_email_auth_enabled?: boolean;
  readonly display_name: string | null;
  readonly selected_team: StackAuthTeam | null;
  readonly selected_team_id: string | null;
  readonly profile_image_url: string | null;
  readonly signed_up_at_millis: number;
  readonly has_password?: boolean;
  readonly otp_auth_enabled?: boolean;
  readonly passkey_auth_enabled?: boolean;
  readonly client_metadata?: unknown;
  readonly client_read_only_metadata?: unknown;
  readonly server_metadata?: unknown;
  readonly last_active_at_millis?: number;
  readonly is_anonymous?: boolean;
  readonly is_restricted?: boolean;
  readonly restricted_reason?: StackAuthRestrictedReason | null;
  readonly restricted_by_admin?: boolean;
  readonly restricted_by_admin_reason?: string | null;
  readonly restricted_by_admin_private_details?: string | null;
  readonly country_code?: string | null;
  readonly risk_scores?: unknown;
  readonly oauth_providers?: readonly StackAuthOAuthProvider[];
  /** @deprecated by Stack Auth */
  readonly auth_with_email?: boolean;
  /** @deprecated by Stack Auth */
  readonly requires_totp_mfa?: boolean;
}
