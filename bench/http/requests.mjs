import { createHmac } from 'node:crypto';

export const MAX_BODY_BYTES = 1024 * 1024;
export const STRIPE_SECRET = 'whsec_of_the_benchmark';
const SVIX_KEY = Buffer.alloc(32, 7);
export const SVIX_SECRET = `whsec_${SVIX_KEY.toString('base64')}`;

const PREFIX = 'evt_';
const ID_LENGTH = PREFIX.length + 12;
let lastId = 0;

/**
 * Requests of events that nobody has sent before, signed now. One pool is for every contender of a round:
 * each is a process of its own, and has seen none of them.
 */
export function createRequests({ kind, bytes, sender, count }) {
  const template = createBody(kind === 'oversized' ? 1.5 * MAX_BODY_BYTES : bytes);
  return Array.from({ length: count }, () => createRequest(template, sender, kind === 'forged'));
}

function createRequest(template, sender, isForged) {
  const id = `${PREFIX}${String(++lastId).padStart(ID_LENGTH - PREFIX.length, '0')}`;
  const body = Buffer.from(template.bytes);
  body.write(id, template.idOffset);
  // As long and as well formed as a right one.
  const signed = isForged ? Buffer.concat([body, Buffer.from(' ')]) : body;
  const timestamp = Math.floor(Date.now() / 1000);
  return { body, headers: HEADERS[sender](id, timestamp, signed) };
}

const HEADERS = {
  stripe: (_id, timestamp, body) => {
    const signature = hmac(STRIPE_SECRET, `${timestamp}.`, body).digest('hex');
    return {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': `t=${timestamp},v1=${signature}`,
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    };
  },
  'standard-webhooks': (id, timestamp, body) => {
    const signature = hmac(SVIX_KEY, `${id}.${timestamp}.`, body).digest('base64');
    return {
      'content-type': 'application/json',
      'svix-id': id,
      'svix-timestamp': String(timestamp),
      'svix-signature': `v1,${signature}`,
      'user-agent': 'Svix-Webhooks/1.56.0',
    };
  },
};

function hmac(key, prefix, body) {
  return createHmac('sha256', key).update(prefix).update(body);
}

/** An invoice with as many lines as it takes, in two spaces of indentation, as Stripe sends it. */
function createBody(bytes) {
  const id = PREFIX.padEnd(ID_LENGTH, '0');
  const lines = [];
  let text = stringify(id, lines);
  while (text.length < bytes) {
    // At least the next line; large bodies in steps of a tenth.
    const more = Math.max(1, Math.floor((bytes - text.length) / 4000));
    for (let added = 0; added < more; added++) lines.push(createLine(lines.length));
    text = stringify(id, lines);
  }
  const body = Buffer.from(text);
  return { bytes: body, idOffset: body.indexOf(id) };
}

function stringify(id, lines) {
  const invoice = {
    id: 'in_1QkL3v2eZvKYlo2C',
    object: 'invoice',
    currency: 'usd',
    customer: 'cus_Rn3Vb8JmW0pXkQ',
    lines: { object: 'list', data: lines, has_more: false },
  };
  const event = {
    id,
    object: 'event',
    api_version: '2026-10-28',
    created: 1_795_000_000,
    data: { object: invoice },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type: 'invoice.paid',
  };
  return JSON.stringify(event, null, 2);
}

function createLine(index) {
  return {
    id: `il_1QkL3v2eZvKYlo2C${index}`,
    object: 'line_item',
    amount: 1000 + index,
    currency: 'usd',
    description: `1 × Line ${index} of an invoice (at $10.00 / month)`,
    metadata: { order: `order_${index}` },
    period: { end: 1_797_600_000, start: 1_795_000_000 },
    quantity: 1,
  };
}
