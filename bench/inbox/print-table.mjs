/** Median and spread of each contender, and its ratio to others: the median of the rounds' own ratios. */
export function printTable(title, samples, references) {
  console.log(`\n${title}\n`);
  console.log(`| | median | from to |${references.map((name) => ` of ${name} |`).join('')}`);
  console.log(`| --- | --- | --- |${' --- |'.repeat(references.length)}`);
  for (const [contender, values] of samples) {
    const ratios = references.map((name) => {
      const reference = samples.get(name);
      return median(values.map((value, round) => value / reference[round])).toFixed(2);
    });
    const cells = [contender, format(median(values)), spread(values), ...ratios];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

function median(values) {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)];
}

function spread(values) {
  return `${format(Math.min(...values))} to ${format(Math.max(...values))}`;
}

function format(value) {
  return value < 100 ? value.toFixed(1) : String(Math.round(value));
}
