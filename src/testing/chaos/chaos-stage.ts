import type { INestApplication } from '@nestjs/common';
import { TestedApplication } from '../tested-application.js';
import { renamedIds, sameIds } from './renamed-ids.js';
import type { RenamedIds } from './renamed-ids.js';

/** Where runs are played: each starts from the same state. */
export interface ChaosStage {
  play<T>(run: (tested: TestedApplication, ids: RenamedIds) => Promise<T>): Promise<T>;
}

/** Every run has an application of its own. */
export function freshApplications(
  createApp: () => INestApplication | Promise<INestApplication>,
): ChaosStage {
  return {
    play: async (run) => {
      const app = await createApp();
      try {
        const tested = new TestedApplication(app);
        await tested.listen();
        return await run(tested, sameIds);
      } finally {
        await app.close();
      }
    },
  };
}

/** All runs have one application, whose state is put back before each and whose events are new in each. */
export function sharedApplication(app: INestApplication, reset: () => unknown): ChaosStage {
  const tested = new TestedApplication(app);
  return {
    play: async (run) => {
      await tested.listen();
      await reset();
      return run(tested, renamedIds());
    },
  };
}
