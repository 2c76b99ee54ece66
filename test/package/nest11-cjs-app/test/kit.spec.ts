import { tryChaos, tryDelivery } from './kit';

test('delivers and waits', tryDelivery);
test('tries handlers', tryChaos, 30_000);
