import { CONNECTIONS, WARM_UP } from './cases.mjs';
import { ContenderProcess } from './contender-process.mjs';
import { createRequests } from './requests.mjs';

/**
 * Measures a case: every contender in a process of its own, all kinds of requests once a round, and the
 * order turned round every time.
 * @returns For each contender's name and each kind, the samples of all rounds.
 */
export async function measureCase(wanted, contenders, rounds) {
  const { bytes, kinds, count, handlers = 1, warmUp } = wanted;
  const processes = contenders.map((contender) => new ContenderProcess(contender, handlers));
  try {
    for (const process of processes) await process.start();
    await sendToAll(processes, kinds, { bytes, count: 1 });
    for (let round = 0; round < WARM_UP.rounds; round++) await sendToAll(processes, kinds, WARM_UP);
    await sendToAll(processes, kinds, { bytes, count });

    const samples = new Map(contenders.map(({ name }) => [name, emptySamples(kinds)]));
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? processes : processes.toReversed();
      await sendToAll(order, kinds, { bytes, count, warmUp }, (name, kind, sample) =>
        samples.get(name)[kind].push(sample),
      );
    }
    return samples;
  } finally {
    await Promise.all(processes.map((process) => process.stop()));
  }
}

async function sendToAll(processes, kinds, load, onSample = () => undefined) {
  const { bytes, count, warmUp = 0 } = load;
  for (const kind of kinds) {
    const pools = new Map();
    for (const process of processes) {
      const { name, sender } = process.contender;
      if (!pools.has(sender)) {
        pools.set(sender, createRequests({ kind, bytes, sender, count: count + warmUp }));
      }
      const requests = pools.get(sender);
      if (warmUp > 0) await process.send(kind, requests.slice(count), CONNECTIONS);
      onSample(name, kind, await process.send(kind, requests.slice(0, count), CONNECTIONS));
    }
  }
}

function emptySamples(kinds) {
  return Object.fromEntries(kinds.map((kind) => [kind, []]));
}
