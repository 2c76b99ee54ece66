import type { EngineLog } from '../inbox/webhook-engine.interface.js';

const SAME_ERROR_MS = 10_000;

/** While the database is away, the same is tried again and again: it is said once in a while. */
export function limitErrors({ info, error: say }: EngineLog = SILENT): EngineLog {
  const saidAtMs = new Map<string, number>();
  return {
    info,
    error: (message, error) => {
      const nowMs = performance.now();
      if (nowMs - (saidAtMs.get(message) ?? -Infinity) < SAME_ERROR_MS) return;
      saidAtMs.set(message, nowMs);
      say(message, error);
    },
  };
}

const SILENT: EngineLog = { info: () => undefined, error: () => undefined };
