const API_PATH = /^\/v\d+\/[!-[\]-~]+$/;

/**
 * Whether a text from outside is a path of Stripe's API. The SDK's client on `fetch` resolves a path against
 * Stripe's address until version 21, so that `//example.com` would send the API key there.
 */
export function isApiPath(text: unknown): text is string {
  return typeof text === 'string' && API_PATH.test(text);
}
