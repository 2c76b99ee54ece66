import { engineContract } from '../contract/engine-contract.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { testDirectory } from './test-directory.js';

engineContract({
  name: 'The embedded engine',
  createEngine: async () => postgresEngine({ embedded: await testDirectory() }),
});
