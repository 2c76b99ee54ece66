import { afterEach } from '@jest/globals';
import { stopEngines } from '../../src/testing/engine-contract/engine-bench.js';

export {
  arrival,
  DEAD,
  FAILED,
  skippedArrival,
  START,
  startEngine,
  statuses,
  SUCCEEDED,
  webhookEvent,
} from '../../src/testing/engine-contract/engine-bench.js';
export type { EngineBench } from '../../src/testing/engine-contract/engine-bench.js';

afterEach(stopEngines);
