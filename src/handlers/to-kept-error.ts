import { types } from 'node:util';
import type { KeptError } from '../inbox/delivery.interface.js';

const MAX_MESSAGE_LENGTH = 1024;

/** What the inbox keeps of an error: its name, its code and its message, cut. Errors of SDKs carry whole payloads. */
export function toKeptError(error: unknown): KeptError {
  try {
    return readError(error);
  } catch {
    return { name: 'Error', message: 'An error whose properties cannot be read was thrown.' };
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
