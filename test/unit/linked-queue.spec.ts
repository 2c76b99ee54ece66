import { describe, expect, it } from '@jest/globals';
import { LinkedQueue } from '../../src/inbox/memory/linked-queue.js';
import { seededRandom } from '../support/seeded-random.js';

function drain<T>(queue: LinkedQueue<T>): T[] {
  const values: T[] = [];
  while (queue.size > 0) values.push(queue.shift()!);
  return values;
}

describe('A linked queue', () => {
  it('is empty at first, and again when everything was taken', () => {
    const queue = new LinkedQueue<string>();
    expect([queue.size, queue.first, queue.shift()]).toEqual([0, undefined, undefined]);

    queue.push('a');
    queue.shift();

    expect([queue.size, queue.first, queue.shift()]).toEqual([0, undefined, undefined]);
  });

  it('gives first what came first', () => {
    const queue = new LinkedQueue<number>();

    for (const value of [1, 2, 3]) queue.push(value);

    expect(queue.first).toBe(1);
    expect(drain(queue)).toEqual([1, 2, 3]);
  });

  it.each([
    [0, [2, 3]],
    [1, [1, 3]],
    [2, [1, 2]],
  ])('lets a value go from place %i', (place, left) => {
    const queue = new LinkedQueue<number>();
    const nodes = [1, 2, 3].map((value) => queue.push(value));

    queue.remove(nodes[place]!);
    queue.push(4);

    expect(queue.size).toBe(3);
    expect(drain(queue)).toEqual([...left, 4]);
  });

  it('holds what a list would hold, whatever is put in and taken out', () => {
    const random = seededRandom(7);
    const queue = new LinkedQueue<number>();
    const list: { value: number; node: ReturnType<typeof queue.push> }[] = [];

    for (let value = 0; value < 5000; value++) {
      if (random.chance(0.55)) {
        list.push({ value, node: queue.push(value) });
      } else if (random.chance(0.5)) {
        queue.shift();
        list.shift();
      } else if (list.length > 0) {
        const [removed] = list.splice(random.below(list.length), 1);
        queue.remove(removed!.node);
      }
      expect([queue.size, queue.first]).toEqual([list.length, list[0]?.value]);
    }

    expect(drain(queue)).toEqual(list.map(({ value }) => value));
  });
});
