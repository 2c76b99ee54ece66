import type { EngineLog } from '../inbox/webhook-engine.interface.js';

const SAME_ERROR_MS = 10_000;

export interface LimitedLog extends EngineLog {
  /** Errors that come from now on are of our own making. */
  readonly mute: () => void;
}

/** While the database is away, the same is tried again and again: it is said once in a while. */
export function limitErrors({ info, error: say }: EngineLog = SILENT): LimitedLog {
  const saidAtMs = new Map<string, number>();
  let isMuted = false;
  return {
    info,
    mute: () => (isMuted = true),
    error: (message, error) => {
      if (isMuted) return;
      const nowMs = performance.now();
      if (nowMs - (saidAtMs.get(message) ?? -Infinity) < SAME_ERROR_MS) return;
      saidAtMs.set(message, nowMs);
      say(message, error);
    },
  };
}

const SILENT: EngineLog = { info: () => undefined, error: () => undefined };
