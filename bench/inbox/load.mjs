// Sends signed events over keep-alive connections, in a process of its own. They are signed before the time
// is taken. Over IPC it is told { port, events, connections, first } and says { perSecond, p50Ms, p99Ms }.
import { connect } from 'node:net';
import { signStripe } from 'nestjs-webhook-inbox/testing';
import { SECRET } from './secret.mjs';

const ANSWER = 'HTTP/1.1 200';

process.on('message', (order) => void send(order).then((result) => process.send(result)));
process.on('disconnect', () => process.exit(0));

async function send({ port, events, connections, prefix }) {
  const requests = Array.from({ length: events }, (_, index) =>
    createRequest(`${prefix}_${index}`),
  );
  const latencies = [];
  let next = 0;
  const startedAtMs = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      while (next < requests.length) latencies.push(await sendOne(socket, requests[next++]));
      socket.destroy();
    }),
  );
  const seconds = (performance.now() - startedAtMs) / 1000;
  latencies.sort((left, right) => left - right);
  return {
    perSecond: events / seconds,
    p50Ms: latencies[Math.floor(events * 0.5)],
    p99Ms: latencies[Math.floor(events * 0.99)],
  };
}

/** An answer is small: it comes in one piece. */
function sendOne(socket, request) {
  const startedAtMs = performance.now();
  return new Promise((resolve, reject) => {
    socket.once('data', (answer) => {
      if (answer.latin1Slice(0, ANSWER.length) === ANSWER) {
        resolve(performance.now() - startedAtMs);
      } else {
        reject(new Error(`Not answered 200: ${answer}`));
      }
    });
    socket.write(request);
  });
}

/** About 2 KB. */
function createRequest(id) {
  const lines = Array.from({ length: 8 }, (_, number) => ({
    id: `il_${number}`,
    object: 'line_item',
    amount: 100 * number,
    currency: 'usd',
    description: 'A line of an invoice that is paid',
    period: { start: 1, end: 2 },
    metadata: { order: 'ord_1234567890', note: 'a line has some of its own' },
  }));
  const body = JSON.stringify({
    id,
    object: 'event',
    api_version: '2026-10-28',
    created: 1,
    livemode: false,
    type: 'invoice.paid',
    data: { object: { id: 'in_1', object: 'invoice', lines } },
  });
  return Buffer.from(
    'POST /webhooks/stripe HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\nStripe-Signature: ` +
      `${signStripe({ body, secret: SECRET })}\r\n\r\n${body}`,
  );
}
