import type { LoggerService } from '@nestjs/common';

export type RecordedLevel = 'log' | 'warn' | 'error' | 'debug' | 'verbose' | 'fatal';

export interface RecordedLine {
  readonly level: RecordedLevel;
  readonly message: string;
  /** The message and everything logged beside it: stack, context. */
  readonly text: string;
  /** Who logged it. */
  readonly context: string | undefined;
}

/** A Nest logger that keeps what it is given. */
export interface RecordingLogger extends LoggerService {
  readonly lines: readonly RecordedLine[];
  /** The messages of one level, in order. */
  ofLevel(level: RecordedLevel): string[];
  /** The messages of one level that this package wrote. */
  ofInbox(level: RecordedLevel): string[];
}

export function recordingLogger(): RecordingLogger {
  const lines: RecordedLine[] = [];
  const record =
    (level: RecordedLevel) =>
    (...parts: unknown[]): void => {
      const texts = parts.map(String);
      const [message = ''] = texts;
      lines.push({ level, message, text: texts.join('\n'), context: texts.at(-1) });
    };
  const ofLevel = (level: RecordedLevel): RecordedLine[] =>
    lines.filter((line) => line.level === level);

  return {
    lines,
    ofLevel: (level) => ofLevel(level).map(({ message }) => message),
    ofInbox: (level) =>
      ofLevel(level)
        .filter(({ context }) => context === 'WebhookInbox')
        .map(({ message }) => message),
    log: record('log'),
    warn: record('warn'),
    error: record('error'),
    debug: record('debug'),
    verbose: record('verbose'),
    fatal: record('fatal'),
  };
}
