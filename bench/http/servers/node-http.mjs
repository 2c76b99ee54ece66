// The limit: nothing but Node, an HMAC and JSON.parse.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const HEADER = /^t=(\d+),v1=([0-9a-f]{64})$/;

export async function start({ secret, maxBodyBytes, handlers, handle }) {
  const runHandlers = async (event) => {
    for (let index = 0; index < handlers; index++) await handle(event);
  };
  const server = createServer((request, response) => {
    const answer = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body);
    };
    const chunks = [];
    let length = 0;
    request.on('data', (chunk) => {
      length += chunk.length;
      if (length <= maxBodyBytes) chunks.push(chunk);
    });
    request.on('end', () => {
      if (length > maxBodyBytes) return answer(413, '{}');
      const body = Buffer.concat(chunks);
      if (!isSigned(body, request.headers['stripe-signature'], secret)) return answer(400, '{}');
      void runHandlers(JSON.parse(body)).then(() => answer(200, '{"received":true}'));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: server.address().port, path: '/webhooks/stripe' };
}

function isSigned(body, header, secret) {
  const [, timestamp, signature] = HEADER.exec(header) ?? [];
  if (signature === undefined || Math.abs(Date.now() / 1000 - Number(timestamp)) > 300)
    return false;
  const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'));
}
