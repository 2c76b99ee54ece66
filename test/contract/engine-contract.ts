import { describe } from '@jest/globals';
import { acceptContract } from './accept-contract.js';
import { attemptedContract } from './attempted-contract.js';
import { changeContract } from './change-contract.js';
import { changeReplayContract } from './change-replay-contract.js';
import { consumeContract } from './consume-contract.js';
import type { EngineContractOptions } from './engine-bench.js';
import { fifoContract } from './fifo-contract.js';
import { laneContract } from './lane-contract.js';
import { ledgerContract } from './ledger-contract.js';
import { notesContract } from './notes-contract.js';
import { repeatContract } from './repeat-contract.js';
import { replayContract } from './replay-contract.js';
import { settledContract } from './settled-contract.js';
import { startAndStopContract } from './start-and-stop-contract.js';

/** What `webhook-engine.interface.ts` says of every engine, sentence by sentence. */
export function engineContract(options: EngineContractOptions): void {
  describe(`${options.name}, as every engine,`, () => {
    startAndStopContract(options);
    acceptContract(options);
    repeatContract(options);
    settledContract(options);
    consumeContract(options);
    attemptedContract(options);
    if (!options.lacks?.includes('changes')) changeContract(options);
    if (!options.lacks?.includes('changes')) changeReplayContract(options);
    if (!options.lacks?.includes('lanes')) laneContract(options);
    if (!options.lacks?.includes('fifo')) fifoContract(options);
    ledgerContract(options);
    replayContract(options);
    notesContract(options);
  });
}
