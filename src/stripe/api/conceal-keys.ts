const KEY = /\b((?:[a-z]{2}_(?:live|test)|whsec|whsk)_)[\w+/=*-]{4,}/g;

/** A text without the API keys and signing secrets that someone else's message may repeat. */
export function concealKeys(text: string): string {
  return text.replace(KEY, '$1…');
}
