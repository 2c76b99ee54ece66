import { test } from '@jest/globals';
import { tryChaos, tryDelivery } from './kit.js';

test('delivers and waits', tryDelivery);
test('tries handlers', tryChaos, 30_000);
