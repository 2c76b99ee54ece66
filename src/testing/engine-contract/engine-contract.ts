import { acceptContract } from './accept-contract.js';
import { attemptedContract } from './attempted-contract.js';
import { changeContract } from './change-contract.js';
import { consumeContract } from './consume-contract.js';
import { stopEngines } from './engine-bench.js';
import type { EngineContractOptions } from './engine-bench.js';
import { laneContract } from './lane-contract.js';
import { ledgerContract } from './ledger-contract.js';
import { notesContract } from './notes-contract.js';
import { repeatContract } from './repeat-contract.js';
import { replayContract } from './replay-contract.js';
import { settledContract } from './settled-contract.js';
import { startAndStopContract } from './start-and-stop-contract.js';
import type { TestRunner } from './test-runner.interface.js';

/**
 * The tests of what `WebhookEngine` says of every engine, sentence by sentence, for an engine of your own. They
 * run many things at once, and on a clock that stands still.
 *
 * @param runner The test runner: nothing is assumed of it but what `TestRunner` names.
 *
 * @example
 * import * as runner from '@jest/globals';
 *
 * engineContract(runner, { name: 'My engine', createEngine: () => myEngine() });
 */
export function engineContract(runner: TestRunner, options: EngineContractOptions): void {
  runner.describe(`${options.name}, as every engine,`, () => {
    runner.afterEach(stopEngines);
    startAndStopContract(runner, options);
    acceptContract(runner, options);
    repeatContract(runner, options);
    settledContract(runner, options);
    consumeContract(runner, options);
    attemptedContract(runner, options);
    if (!options.lacks?.includes('changes')) changeContract(runner, options);
    if (!options.lacks?.includes('lanes')) laneContract(runner, options);
    ledgerContract(runner, options);
    replayContract(runner, options);
    notesContract(runner, options);
  });
}
