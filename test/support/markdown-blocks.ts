/** The contents of the fenced blocks of a language in a Markdown text, in order. */
export function markdownBlocks(markdown: string, language: string): string[] {
  const fence = new RegExp('^```' + language + '\\n(.*?)^```$', 'gms');
  return [...markdown.matchAll(fence)].map(([, code]) => code!);
}
