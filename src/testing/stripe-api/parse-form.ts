export type FormValue = string | FormValue[] | { [key: string]: FormValue };

/** Parses what Stripe's clients send in queries and forms: `types[0]=a&created[gte]=1`. */
export function parseForm(text: string): Record<string, FormValue> {
  const root: Record<string, FormValue> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) put(root, keysOf(name), value);
  return withLists(root) as Record<string, FormValue>;
}

/** `metadata[a][b]` as its parts. */
function keysOf(name: string): string[] {
  return name.split('[').map((part) => part.replace(/\]$/, ''));
}

function put(node: Record<string, FormValue>, [key, ...rest]: string[], value: string): void {
  const place = key === '' ? String(Object.keys(node).length) : key!;
  if (rest.length === 0) {
    node[place] = value;
    return;
  }
  const next = (node[place] ??= Object.create(null) as Record<string, FormValue>);
  put(next as Record<string, FormValue>, rest, value);
}

/** What is numbered from 0 is a list. */
function withLists(value: FormValue): FormValue {
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, each]): [string, FormValue] => [
    key,
    withLists(each as FormValue),
  ]);
  const isList = entries.length > 0 && entries.every(([key], index) => key === String(index));
  return isList ? entries.map(([, each]) => each) : Object.fromEntries(entries);
}
