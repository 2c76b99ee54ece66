/** Ids such as `ed_test_…` are none. */
const KEY = /\b((?:(?:sk|rk|ek)_(?:live|test)|whsec|whsk)_)[\w+/=*-]{4,}/g;

/** A text without the API keys and signing secrets that someone else's message may repeat. */
export function concealKeys(text: string): string {
  return text.replace(KEY, '$1…');
}
