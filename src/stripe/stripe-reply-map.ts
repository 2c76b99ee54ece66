/** The answer to a card authorization: https://docs.stripe.com/issuing/controls/real-time-authorizations */
export interface StripeAuthorizationReply {
  readonly approved: boolean;
  /** How much to hold, where the request's `is_amount_controllable` is true. */
  readonly amount?: number | undefined;
  /** Kept on the authorization. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** The answers that Stripe reads, by the type of the event. */
export interface StripeReplyMap {
  'issuing_authorization.request': StripeAuthorizationReply;
}

type ReplyOf<Type extends string> = Type extends keyof StripeReplyMap
  ? StripeReplyMap[Type]
  : Readonly<Record<string, unknown>>;

/**
 * What a reply handler of a type has to return: any object where it is not known what Stripe reads. Of
 * several types it is what Stripe reads for each of them.
 */
export type StripeReplyFor<Type extends string> = (
  Type extends unknown ? (reply: ReplyOf<Type>) => void : never
) extends (reply: infer Reply extends object) => void
  ? Reply
  : never;
