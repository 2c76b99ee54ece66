import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const MAIN = fileURLToPath(new URL('crash/main.mjs', import.meta.url));
const KILLS = 5;

describe('processes that are killed under load, while connections are cut and the server crashes', () => {
  it('finish all that they answered with 200, and run nothing again that succeeded', async () => {
    const child = spawn(process.execPath, [MAIN, '--kills', String(KILLS), '--events', '2000'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });

    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);

    const report = JSON.parse(output);
    expect(report).toMatchObject({ kills: KILLS, cuts: 1, serverCrashes: 1, crashes: [] });
    expect(report.problems).toEqual({
      notStored: 0,
      notRun: 0,
      unfinished: 0,
      ranAfterSuccess: 0,
      succeededTwice: 0,
      ranTwiceAtOnce: 0,
      sameAttemptTwice: 0,
    });
    // Otherwise nothing was killed while it ran.
    expect(report.runsThatDidNotEnd).toBeGreaterThan(0);
    expect(report.answered).toBeGreaterThan(0);
  }, 240_000);
});
