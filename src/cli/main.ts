import { parseArgs } from 'node:util';
import { concealKeys } from '../stripe/api/conceal-keys.js';
import type { Command, CommandContext, Terminal } from './command.interface.js';
import type { CommandOptions } from './options.js';
import { findCommand, helpOf } from './commands.js';
import { openApplication } from './open-application.js';
import { COMMON_OPTIONS, OPTIONS } from './options.js';
import { UsageError } from './usage.error.js';

/** What the exit codes say. */
export const EXIT = { ok: 0, notAsWanted: 1, usage: 2, failed: 3 } as const;

/** Runs a command line and resolves with its exit code. */
export async function main(args: readonly string[], given: Terminal): Promise<number> {
  const terminal = concealing(given);
  try {
    const { values, positionals, names } = parse(args);
    const command = findCommand(positionals);
    if (values.help || !command) {
      if (!command && positionals.length > 0) {
        terminal.err(`There is no command "${positionals.join(' ')}".\n\n`);
      }
      terminal.out(helpOf(command));
      return values.help ? EXIT.ok : EXIT.usage;
    }
    assertTakes(command, names);
    const { app, close } = await openApplication(values.app, command, terminal);
    try {
      const context: CommandContext = {
        app,
        options: values,
        operands: positionals.slice(command.name.split(' ').length),
        progress: (text) => terminal.err(`${text}\n`),
        signal: terminal.signal,
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

/** Whatever an error or another library says, no key and no secret is written. */
function concealing({ out, err, signal }: Terminal): Terminal {
  return { out: (text) => out(concealKeys(text)), err: (text) => err(concealKeys(text)), signal };
}

interface CommandLine {
  readonly values: CommandOptions;
  readonly positionals: string[];
  /** The options that were written. */
  readonly names: readonly string[];
}

function parse(args: readonly string[]): CommandLine {
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
    const names = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
    return { values, positionals, names };
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** An option that a command passes over would seem to hold, such as --dry-run. */
function assertTakes({ name, options }: Command, names: readonly string[]): void {
  const foreign = names.find((each) => !COMMON_OPTIONS.includes(each) && !options.includes(each));
  if (foreign === undefined) return;
  const taken = [...options, ...COMMON_OPTIONS].map((each) => `--${each}`).join(' ');
  throw new UsageError(`"${name}" takes no --${foreign}, but: ${taken}`);
}
