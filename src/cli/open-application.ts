import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DynamicModule, INestApplicationContext, LoggerService, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WEBHOOK_INBOX_ENGINE, WEBHOOK_INBOX_COMMAND } from '../inbox/tokens.js';
import type { WebhookInboxCommand } from '../inbox/tokens.js';
import type { WebhookEngine } from '../inbox/webhook-engine.interface.js';
import type { Command, Terminal } from './command.interface.js';
import { UsageError } from './usage.error.js';

export interface OpenApplication {
  readonly app: INestApplicationContext;
  readonly close: () => Promise<void>;
}

/** Starts the application without HTTP, and ends it when the terminal says so. */
export async function openApplication(
  path: string,
  { name, readsInbox, runsHandlers }: Command,
  { err, signal }: Terminal,
): Promise<OpenApplication> {
  const root = await loadModule(path);
  const app = await NestFactory.createApplicationContext(
    aroundModule(root, { runsHandlers: runsHandlers ?? false }),
    { logger: warningsTo(err), abortOnError: false },
  );
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= app.close());
  signal.addEventListener('abort', () => void close());
  if (readsInbox && engineOf(app)?.capabilities.survives === 'nothing') {
    await close();
    throw new UsageError(
      `"${name}" looks into the inbox, and this application keeps its events in the memory of its own process. ` +
        'Give it an engine such as postgresEngine, or ask WebhookInbox inside the application.',
    );
  }
  return { app, close };
}

/** Tells the application that a command has started it. */
function aroundModule(root: Type, command: WebhookInboxCommand): DynamicModule {
  return {
    module: CommandModule,
    imports: [root],
    global: true,
    providers: [{ provide: WEBHOOK_INBOX_COMMAND, useValue: command }],
    exports: [WEBHOOK_INBOX_COMMAND],
  };
}

class CommandModule {}

function engineOf(app: INestApplicationContext): WebhookEngine | undefined {
  return app.get<WebhookEngine>(WEBHOOK_INBOX_ENGINE, { strict: false });
}

/** @param path A compiled file, and the name of its export after `#` where there are several. */
async function loadModule(path: string): Promise<Type> {
  const [file = '', name] = path.split('#');
  const full = resolve(file);
  if (!existsSync(full)) {
    throw new UsageError(
      `There is no ${full}. Give the compiled file of your root module: --app dist/app.module.js, or ` +
        '--app dist/main.js#AppModule for another name.',
    );
  }
  if (/\.[cm]?ts$/.test(full)) {
    throw new UsageError(
      `${file} is TypeScript. Compile it first (npm run build) and give the JavaScript, such as ` +
        '--app dist/app.module.js: Nest needs the metadata of decorators, which Node leaves out when it strips types.',
    );
  }
  const exported = (await import(pathToFileURL(full).href)) as Record<string, unknown>;
  // What CommonJS exports is under `default` as well, and only there for what Node does not find by itself.
  const all = { ...(exported['default'] as object | undefined), ...exported };
  return pickModule(all, name, file);
}

function pickModule(exported: Record<string, unknown>, name: string | undefined, file: string) {
  const isClass = (value: unknown): value is Type => typeof value === 'function';
  const chosen = name ?? ('AppModule' in exported ? 'AppModule' : undefined);
  if (chosen !== undefined && isClass(exported[chosen])) return exported[chosen];
  const classes = [...new Set(Object.values(exported).filter(isClass))];
  if (name === undefined && classes.length === 1) return classes[0]!;
  const names = Object.keys(exported).filter((each) => isClass(exported[each]));
  throw new UsageError(
    `${file} has no ${name ?? 'AppModule'}. Say which export is your root module, --app ${file}#Name: ` +
      `${names.join(', ') || 'it exports no class'}.`,
  );
}

/** What goes wrong is for people; what the command gives is all that is on the output. */
function warningsTo(err: (text: string) => void): LoggerService {
  const write = (message: unknown): void => err(`${String(message)}\n`);
  const ignore = (): void => {};
  return { log: ignore, debug: ignore, verbose: ignore, warn: write, error: write, fatal: write };
}
