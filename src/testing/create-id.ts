import { randomBytes } from 'node:crypto';

/** A new id as Stripe writes them, such as `evt_…`. */
export function createId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}
