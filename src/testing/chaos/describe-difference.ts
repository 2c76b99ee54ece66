import { inspect } from 'node:util';
import type { PlayedRun, UnsettledRun } from './play-plan.js';

type ComeTo = PlayedRun['outcome'];

const MAX_NOTES = 60;
/** How many notes may come again and again. */
const MAX_ROUND = 20;

export function describeDifference(orderly: ComeTo, { outcome, notes }: PlayedRun): string {
  return (
    `The application has come to another state than after one orderly run.\n\n${describeNotes(notes)}\n\n` +
    `After one orderly run:\n${show(orderly)}\n\nAfter this one:\n${show(outcome)}`
  );
}

export function describeUnsettled(title: string, { message, notes }: UnsettledRun): string {
  return `${title}: ${message}\n\n${describeNotes(withoutRounds(notes))}`;
}

export function describeUnlikeOrderly(first: ComeTo, second: ComeTo): string {
  return (
    'Two orderly runs came to different states, so nothing can be said of others. Leave out of the state what ' +
    'differs by itself (times, random ids), and start every run from the same one.\n\n' +
    `The first came to:\n${show(first)}\n\nThe second came to:\n${show(second)}`
  );
}

/** What comes again and again in the end is said once. */
function withoutRounds(notes: readonly string[]): readonly string[] {
  for (let length = 1; length <= MAX_ROUND; length += 1) {
    const round = notes.slice(-length).join('\n');
    let start = notes.length - length;
    while (start >= length && notes.slice(start - length, start).join('\n') === round)
      start -= length;
    const count = (notes.length - start) / length;
    if (count > 2) return [...notes.slice(0, start + length), `… the same ${count - 1} times more`];
  }
  return notes;
}

function describeNotes(notes: readonly string[]): string {
  const lines = notes.slice(0, MAX_NOTES).map((note, index) => `  ${index + 1}. ${note}`);
  const rest = notes.length - lines.length;
  return [...lines, ...(rest > 0 ? [`  and ${rest} more`] : [])].join('\n');
}

function show({ state, dead }: ComeTo): string {
  const shown = inspect(state, { depth: 6, maxArrayLength: 50, sorted: true });
  const withDead = dead.length > 0 ? `${shown}\ndead: ${dead.join(', ')}` : shown;
  return withDead.replace(/^/gm, '  ');
}
