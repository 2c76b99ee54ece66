import { types } from 'node:util';
import type { KeptError } from '../inbox/delivery.interface.js';

const MAX_MESSAGE_LENGTH = 1024;
const MAX_STACK_LENGTH = 4096;

/** What the inbox keeps of an error: its name, its code and its message, cut. Errors of SDKs carry whole payloads. */
export function toKeptError(error: unknown): KeptError {
  try {
    return readError(error);
  } catch {
    return { name: 'Error', message: 'An error whose properties cannot be read was thrown.' };
  }
}

/** Whether a thrown value can be looked at: a revoked proxy throws at the mere question what it is. */
export function isReadable(thrown: unknown): boolean {
  try {
    void (thrown instanceof Error);
    return true;
  } catch {
    return false;
  }
}

/** The frames of an error's stack, cut. Its first lines repeat the message, which may be a whole payload. */
export function stackFrames(error: unknown): string | undefined {
  try {
    if (!isError(error)) return undefined;
    const start = error.stack!.indexOf(error.message) + error.message.length;
    const frames = error.stack!.indexOf('\n    at ', start);
    return frames === -1
      ? undefined
      : error.stack!.slice(frames + 1, frames + 1 + MAX_STACK_LENGTH);
  } catch {
    // An `Error.prepareStackTrace` of the application may have made anything of it.
    return undefined;
  }
}

function readError(error: unknown): KeptError {
  if (!isError(error)) {
    return { name: 'Error', message: `Something else than an error was thrown: ${typeof error}.` };
  }
  const code = 'code' in error && isPlain(error.code) ? String(error.code) : undefined;
  return {
    name: cut(String(error.name)),
    ...(code !== undefined && { code: cut(code) }),
    message: cut(String(error.message)),
  };
}

/** Also one of another realm, such as a test runner's sandbox. */
function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

function isPlain(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function cut(text: string): string {
  return text.length <= MAX_MESSAGE_LENGTH ? text : `${text.slice(0, MAX_MESSAGE_LENGTH - 1)}…`;
}
