import 'reflect-metadata';
import { test } from 'vitest';
import { tryChaos, tryDelivery } from '../dist/test/kit.js';

test('delivers and waits', tryDelivery);
test('tries handlers', tryChaos, 30_000);
