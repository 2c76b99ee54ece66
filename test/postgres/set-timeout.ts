import { jest } from '@jest/globals';

// Every test makes schemas, and some start processes.
jest.setTimeout(30_000);
