import { fileURLToPath } from 'node:url';
import type Stripe from 'stripe';
import { main } from '../../../src/cli/main.js';
import type { WebhookEngine } from '../../../src/index.js';
import type { StripeReconcileSchedule } from '../../../src/stripe/index.js';

/** The root module that the command line is given. */
export const APP = fileURLToPath(new URL('app.mjs', import.meta.url));

interface CommandApp {
  /** What the application is configured with. */
  readonly given: {
    client: Stripe | undefined;
    engine: WebhookEngine | undefined;
    reconcile: StripeReconcileSchedule | undefined;
    worker: boolean;
  };
  /** The ids of the events that its handler got. */
  readonly runs: string[];
}

export const { given, runs } = (await import('./app.mjs' as string)) as CommandApp;

export interface CommandRun {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line as the process does, without being one. */
export async function run(...args: string[]): Promise<CommandRun> {
  const written = { out: '', err: '' };
  const exitCode = await main(args, {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    signal: new AbortController().signal,
  });
  return { exitCode, ...written };
}
