import * as runner from '@jest/globals';
import { engineContract } from '../../src/testing/engine-contract/engine-contract.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { createTestSchema } from './test-schema.js';

engineContract(runner, {
  name: 'The PostgreSQL engine',
  createEngine: () => postgresEngine(createTestSchema()),
});
