import 'reflect-metadata';
import { test } from 'node:test';
import { tryChaos, tryDelivery } from '../dist/test/kit.js';

test('delivers and waits', tryDelivery);
test('tries handlers', tryChaos);
