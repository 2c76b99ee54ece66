import type { INestApplicationContext } from '@nestjs/common';
import type { CommandOptions } from './options.js';

/** Where a command writes. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Aborted when the command is to end. */
  readonly signal: AbortSignal;
}

export interface CommandContext {
  readonly app: INestApplicationContext;
  readonly options: CommandOptions;
  /** What follows the command's name. */
  readonly operands: readonly string[];
  /** Says how far long work has come. */
  readonly progress: (text: string) => void;
  /** Aborted when the command is to end. */
  readonly signal: AbortSignal;
}

export interface CommandResult {
  /** For programs. */
  readonly json: unknown;
  /** For people. */
  readonly text: string;
  /** False where what was looked at is not as it should be. Default: true. */
  readonly isAsWanted?: boolean;
}

export interface Command {
  /** One or two words. */
  readonly name: string;
  readonly operands?: string;
  readonly description: string;
  readonly options: readonly string[];
  /** Whether it needs what other processes have stored. */
  readonly readsInbox?: boolean;
  /** Whether handlers may run in this process. */
  readonly runsHandlers?: boolean;
  readonly run: (context: CommandContext) => Promise<CommandResult>;
}
