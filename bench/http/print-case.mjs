import { format, median, printTable, ratio, spread } from '../statistics.mjs';
import { REFERENCES } from './contenders.mjs';

/** One table for each kind of request. */
export function printCase({ title, kinds }, samples, rounds) {
  for (const kind of kinds) {
    const references = REFERENCES.filter((name) => samples.has(name));
    const head = [`${title}, ${kind}`, 'µs', 'from to', 'a second'];
    head.push(...references.map((name) => `of ${name}`));
    if (kind === 'forged') head.push('of a valid one');
    const rows = [...samples].map(([name, ofKind]) => {
      const micros = microseconds(ofKind[kind]);
      const rate = median(ofKind[kind].map(({ perSecond }) => perSecond));
      const speeds = references.map((reference) =>
        ratio(microseconds(samples.get(reference)[kind]), micros).toFixed(2),
      );
      const share = kind === 'forged' ? [ratio(micros, microseconds(ofKind.valid)).toFixed(2)] : [];
      return [
        name,
        format(median(micros)),
        spread(micros),
        String(Math.round(rate)),
        ...speeds,
        ...share,
      ];
    });
    printTable(`${title}, ${kind}, ${rounds} rounds`, head, rows);
  }
}

function microseconds(samples) {
  return samples.map((sample) => sample.microseconds);
}
