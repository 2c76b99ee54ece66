export function median(values) {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Three digits that count. */
export function format(value) {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(value < 10 ? 2 : 3);
}

export function spread(values) {
  return `${format(Math.min(...values))} to ${format(Math.max(...values))}`;
}

/** The median of the ratios of each round: what else the machine did then, it did to both. */
export function ratio(values, references) {
  return median(values.map((value, round) => value / references[round]));
}

/** A table in Markdown. Cells of text stand left, numbers right. */
export function printTable(title, head, rows) {
  console.log(`\n${title}\n`);
  console.log(`| ${head.join(' | ')} |`);
  console.log(`| --- |${' ---: |'.repeat(head.length - 1)}`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}
