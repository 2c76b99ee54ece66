/**
 * What is sent: `bytes` a body, `handlers` of its event, `kinds` of requests in turns, `count` requests
 * measured a round and kind, after `warmUp` where these are few: while others had their turns, V8 has thrown away
 * compiled code and made the heap small.
 */
export const CASES = {
  '2kb': { title: '2 KB', bytes: 2000, kinds: ['valid', 'forged'], count: 4000 },
  '20kb': { title: '20 KB', bytes: 20_000, kinds: ['valid', 'forged'], count: 2000 },
  '500kb': { title: '500 KB', bytes: 500_000, kinds: ['valid', 'forged'], count: 200, warmUp: 100 },
  handlers: {
    title: '2 KB, five handlers',
    bytes: 2000,
    kinds: ['valid'],
    count: 4000,
    handlers: 5,
  },
  oversized: { title: '1.5 MB, over the limit of 1 MB', kinds: ['oversized'], count: 100 },
};

/**
 * What is sent before, besides one round of the case: small bodies, so many that the server has been compiled
 * by V8, as one is that has run for a minute.
 */
export const WARM_UP = { bytes: 2000, count: 1000, rounds: 5 };
export const CONNECTIONS = 32;
