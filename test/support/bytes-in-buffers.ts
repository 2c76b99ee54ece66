import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What the process still holds in buffers, after garbage has been collected. */
export function bytesInBuffers(): number {
  // The memory of buffers is given back after the collection that found them unused.
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}
