import { request } from 'node:http';
import autocannon from 'autocannon';

/**
 * Sends all requests over connections that stay open.
 * @returns How often each status was answered, and the seconds until the last answer.
 */
export async function drive({ url, path, requests, connections }) {
  let next = 0;
  let lastAtMs;
  const startedAtMs = performance.now();
  const run = autocannon({
    url,
    connections: Math.min(connections, requests.length),
    amount: requests.length,
    timeout: 60,
    sampleInt: 20,
    requests: [
      {
        method: 'POST',
        path,
        setupRequest: (prepared) => Object.assign(prepared, requests[next++]),
      },
    ],
  });
  run.on('response', () => {
    lastAtMs = performance.now();
  });
  const { statusCodeStats } = await run;
  const counts = Object.entries(statusCodeStats).map(([code, { count }]) => [code, count]);
  return { statuses: Object.fromEntries(counts), seconds: (lastAtMs - startedAtMs) / 1000 };
}

/**
 * The same over a connection for each request. autocannon does not count right where a server closes the
 * connection, as it may for a body that it does not want to read; that comes as `reset`.
 */
export async function driveWithoutKeepAlive({ url, path, requests, connections }) {
  const statuses = {};
  const left = [...requests];
  const startedAtMs = performance.now();
  const sendAll = async () => {
    for (let wanted = left.pop(); wanted; wanted = left.pop()) {
      const status = await send(new URL(path, url), wanted);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, sendAll));
  return { statuses, seconds: (performance.now() - startedAtMs) / 1000 };
}

function send(url, { body, headers }) {
  return new Promise((resolve) => {
    const sent = request(url, {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'content-length': body.length },
    });
    sent.on('response', (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    sent.on('error', () => resolve('reset'));
    sent.end(body);
  });
}
