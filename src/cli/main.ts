import { parseArgs } from 'node:util';
import type { CommandContext, Terminal } from './command.interface.js';
import type { CommandOptions } from './options.js';
import { findCommand, helpOf } from './commands.js';
import { openApplication } from './open-application.js';
import { OPTIONS } from './options.js';
import { UsageError } from './usage.error.js';

/** What the exit codes say. */
export const EXIT = { ok: 0, notAsWanted: 1, usage: 2, failed: 3 } as const;

/** Runs a command line and resolves with its exit code. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    const command = findCommand(positionals);
    if (values.help || !command) {
      terminal.out(helpOf(command));
      return values.help ? EXIT.ok : EXIT.usage;
    }
    const { app, close } = await openApplication(values.app, command, terminal);
    try {
      const context: CommandContext = {
        app,
        options: values,
        operands: positionals.slice(command.name.split(' ').length),
        progress: (text) => terminal.err(`${text}\n`),
      };
      const { json, text, isAsWanted = true } = await command.run(context);
      terminal.out(values.json ? `${JSON.stringify(json, undefined, 2)}\n` : text);
      return isAsWanted ? EXIT.ok : EXIT.notAsWanted;
    } finally {
      await close();
    }
  } catch (error) {
    terminal.err(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

function parse(args: readonly string[]): { values: CommandOptions; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
