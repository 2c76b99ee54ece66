import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

export interface Compilation {
  readonly exitCode: number;
  readonly output: string;
}

/** Checks the types of a TypeScript project without writing anything. */
export function compile(tsconfigPath: string): Promise<Compilation> {
  const args = [TSC, '--project', tsconfigPath, '--noEmit', '--pretty', 'false'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) => {
      resolve({ exitCode: Number(error?.code ?? 0), output: stdout + stderr });
    });
  });
}
