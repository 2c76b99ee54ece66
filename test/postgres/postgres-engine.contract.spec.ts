import { engineContract } from '../contract/engine-contract.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { createTestSchema } from './test-schema.js';

engineContract({
  name: 'The PostgreSQL engine',
  createEngine: () => postgresEngine(createTestSchema()),
});
