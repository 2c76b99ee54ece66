import type { KeptError } from '../inbox/delivery.interface.js';

const MAX_MESSAGE_LENGTH = 1024;

/** What the inbox keeps of an error: its name, its code and its message, cut. Errors of SDKs carry whole payloads. */
export function toKeptError(error: unknown): KeptError {
  if (!(error instanceof Error)) {
    return { name: 'Error', message: cut(`A ${typeof error} was thrown instead of an error.`) };
  }
  const code = 'code' in error && typeof error.code !== 'object' ? String(error.code) : undefined;
  return {
    name: cut(String(error.name)),
    ...(code !== undefined && { code: cut(code) }),
    message: cut(String(error.message)),
  };
}

function cut(text: string): string {
  return text.length <= MAX_MESSAGE_LENGTH ? text : `${text.slice(0, MAX_MESSAGE_LENGTH - 1)}…`;
}
