import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach } from '@jest/globals';

export interface TestProcess {
  tell(command: string): void;
  /** The next line that begins so, the word taken off; lines before it are passed over. */
  says(word: string): Promise<string>;
  /** The first of these words that a line begins with. */
  saysAny(...words: string[]): Promise<string>;
  /** Its exit code, when it ends by itself. */
  readonly ended: Promise<number | null>;
  /** SIGSTOP: it stands still until it is resumed. */
  stop(): void;
  resume(): void;
  /** SIGKILL: it gets no chance to do anything. */
  kill(): Promise<void>;
}

const running: TestProcess[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.kill()));
});

/** A process with an engine of its own: see the script. */
export function startProcess(
  args: readonly string[],
  environment: Record<string, string> = {},
  script:
    | 'worker.mjs'
    | 'fulfilling.mjs'
    | 'reconciling.mjs'
    | 'in-order.mjs'
    | 'locking.mjs'
    | 'closing.mjs' = 'worker.mjs',
): TestProcess {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, 'exit');
  const lineOf = async (words: readonly string[]): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`The process ended before it said "${words.join('" or "')}".`);
      if (words.includes(value.split(' ')[0]!)) return value;
    }
  };
  const started: TestProcess = {
    tell: (command) => void child.stdin.write(`${command}\n`),
    says: async (word) => (await lineOf([word])).slice(word.length + 1),
    saysAny: async (...words) => (await lineOf(words)).split(' ')[0]!,
    ended: exited.then(([code]) => code as number | null),
    stop: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
  running.push(started);
  return started;
}
