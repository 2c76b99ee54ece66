import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach } from '@jest/globals';
import { POSTGRES_URL } from './test-schema.js';

export interface SilentNetwork {
  /** The database, reached through it. */
  readonly connectionString: string;
  /**
   * From now on, nothing comes through any more of the connections that have sent this text; none is closed,
   * also when the other side wants to, as behind a firewall.
   */
  silence(text: string): void;
  /** From now on, nothing comes through any more but that a connection is closed; new ones are taken. */
  silenceAll(): void;
}

const opened: (() => void)[] = [];

afterEach(() => opened.splice(0).forEach((close) => close()));

/** A way to the database that can lose connections without a word, as firewalls and failovers do. */
export async function silentNetwork(): Promise<SilentNetwork> {
  const { hostname, port } = new URL(POSTGRES_URL);
  const connections: { sent: string; isSilent: boolean }[] = [];
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    const connection = { sent: '', isSilent: false };
    connections.push(connection);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => {
        if (from === client) connection.sent += data.toString('latin1');
        if (!isSilent && !connection.isSilent) to.write(data);
      });
      from.on('end', () => {
        if (!connection.isSilent) to.end();
      });
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  const url = new URL(POSTGRES_URL);
  url.port = String((server.address() as AddressInfo).port);
  return {
    connectionString: url.href,
    silence: (text) => {
      for (const connection of connections) connection.isSilent ||= connection.sent.includes(text);
    },
    silenceAll: () => (isSilent = true),
  };
}
