import { UsageError } from './usage.error.js';

/** What may be given to commands. */
export const OPTIONS = {
  app: { type: 'string', default: 'dist/app.module.js' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  // Events
  source: { type: 'string' },
  type: { type: 'string' },
  status: { type: 'string' },
  handler: { type: 'string' },
  handlers: { type: 'string' },
  account: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  limit: { type: 'string' },
  cursor: { type: 'string' },
  // Stripe
  endpoint: { type: 'string' },
  'base-url': { type: 'string' },
  live: { type: 'boolean' },
  test: { type: 'boolean' },
  yes: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  finish: { type: 'boolean', default: false },
  'secret-file': { type: 'string' },
  accounts: { type: 'string' },
  manifest: { type: 'string' },
  within: { type: 'string' },
} as const;

/** What every command takes. */
export const COMMON_OPTIONS: readonly string[] = ['app', 'json', 'help'];

type OptionValues<Options> = {
  readonly [Name in keyof Options]: Options[Name] extends { type: 'boolean' }
    ? Options[Name] extends { default: boolean }
      ? boolean
      : boolean | undefined
    : Options[Name] extends { default: string }
      ? string
      : string | undefined;
};

export type CommandOptions = Partial<OptionValues<typeof OPTIONS>> &
  Pick<OptionValues<typeof OPTIONS>, 'app' | 'json' | 'help' | 'yes' | 'dry-run' | 'finish'>;

/** The mode that was said, if it was. */
export function livemodeOf({ live, test }: CommandOptions): { livemode?: boolean } {
  if (live && test) throw new UsageError('Give --live or --test, not both.');
  return live || test ? { livemode: live === true } : {};
}

export function listOf(text: string | undefined): string[] | undefined {
  return text?.split(',').map((each) => each.trim());
}

export function dateOf(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const date = new Date(text);
  if (!Number.isNaN(date.getTime())) return date;
  throw new UsageError(`--${name} takes a time such as 2026-11-20 or 2026-11-20T08:00:00Z.`);
}

export function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`--${name} takes a whole number.`);
}

/** Without what is undefined: an option that was not given is left out. */
export function given<T extends object>(
  options: T,
): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as never;
}
