/** An event of 2 KB, as an engine is given it. */
export function createEvent(index) {
  return {
    source: 'stripe',
    id: `evt_${index}`,
    type: 'invoice.paid',
    endpoint: 'stripe',
    receivedAt: new Date(),
    arrivedBy: 'http',
    secretLabel: undefined,
    headers: {},
    rawBody: Buffer.alloc(2000, 'a'),
  };
}
