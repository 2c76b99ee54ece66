import { memoryEngine } from 'nestjs-webhook-inbox';
import { engineContract } from 'nestjs-webhook-inbox/testing';
import * as runner from 'vitest';

engineContract(runner, {
  name: 'The memory engine',
  createEngine: () => memoryEngine({ keepBodies: true }),
  lacks: ['fifo'],
});
