import type { Command } from './command.interface.js';
import {
  eventsList,
  eventsReplay,
  eventsRetry,
  eventsShow,
  eventsUnblock,
} from './commands/events.commands.js';
import { handlersCommand } from './commands/handlers.command.js';
import {
  stripeApply,
  stripeCheck,
  stripePermissions,
  stripePing,
  stripePlan,
  stripeUpgrade,
} from './commands/stripe.commands.js';
import { stripeReconcile } from './commands/stripe-reconcile.command.js';
import { table } from './table.js';

const COMMANDS: readonly Command[] = [
  handlersCommand,
  eventsList,
  eventsShow,
  eventsReplay,
  eventsRetry,
  eventsUnblock,
  stripePlan,
  stripeCheck,
  stripeApply,
  stripeUpgrade,
  stripeReconcile,
  stripePermissions,
  stripePing,
];

export function findCommand(words: readonly string[]): Command | undefined {
  return COMMANDS.find(({ name }) => {
    const own = name.split(' ');
    return own.every((word, index) => words[index] === word);
  });
}

/** What a command takes, or which commands there are. */
export function helpOf(command: Command | undefined): string {
  const shown = command ? [command] : COMMANDS;
  const rows = shown.map(({ name, operands = '', description }) => [
    `${name} ${operands}`.trim(),
    description,
  ]);
  const options = command?.options.map((name) => `--${name}`).join(' ') || undefined;
  return [
    'nestjs-webhook-inbox <command> [--app dist/app.module.js[#AppModule]] [--json]\n',
    table(['COMMAND', ''], rows),
    options === undefined ? '' : `Options: ${options}\n`,
    'Exit codes: 0 as wanted, 1 not as wanted (drift, missing, busy), 2 wrong command line, 3 failed.\n',
  ].join('\n');
}
