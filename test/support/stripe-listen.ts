import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { signStripe } from '../../src/testing/index.js';

const require = createRequire(import.meta.url);

/** What the CLI reports of a request that it forwarded. */
export interface ForwardedWebhook {
  readonly status: number;
  readonly body: string;
  readonly forward_url: string;
}

export interface StripeListen {
  /** Lets the CLI forward an event, as Stripe has signed it, and gives what it was answered. */
  forward(event: object): Promise<ForwardedWebhook>;
  close(): Promise<void>;
}

/** The signing secret that the session gives. */
export const LISTEN_SECRET = 'whsec_of_stripe_listen';

/**
 * Runs the real Stripe CLI against a control plane of our own: what `stripe listen` gets from Stripe by a
 * web socket, it gets from here. Only the CLI's way to the application is what is tested.
 *
 * @param args Of `stripe listen`, such as `['--all-snapshot', '--forward-to', url]`.
 */
export async function startStripeListen(args: readonly string[]): Promise<StripeListen> {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(session((server.address() as AddressInfo).port)));
  });
  const sockets = new WebSocketServer({
    server,
    handleProtocols: () => 'stripecli-devproxy-v1',
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connected = once(sockets, 'connection') as Promise<[WebSocket]>;
  const home = await mkdtemp(join(tmpdir(), 'stripe-cli-'));
  const cli = runCli((server.address() as AddressInfo).port, home, args);
  const exited = once(cli, 'exit');
  const [socket] = await Promise.race([connected, failedToStart(cli, exited)]);

  return {
    forward: async (event) => {
      const answered = responseOf(socket);
      socket.send(JSON.stringify(messageFor(event)));
      return answered;
    },
    close: async () => {
      cli.kill();
      await exited;
      sockets.clients.forEach((client) => client.terminate());
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(home, { recursive: true, force: true });
    },
  };
}

function runCli(port: number, home: string, args: readonly string[]): ChildProcess {
  const base = ['--api-base', `http://127.0.0.1:${port}`, '--no-wss', '--skip-update'];
  const key = ['--api-key', 'sk_test_123456789012345'];
  return spawn(cliBinary(), ['listen', ...base, ...key, ...args], {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      XDG_CONFIG_HOME: home,
      STRIPE_CLI_TELEMETRY_OPTOUT: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Not the package's script, which leaves the CLI running when it is ended. */
function cliBinary(): string {
  const platforms = require('@stripe/cli/platforms.json') as Record<string, Platform>;
  const { pkg, bin } = platforms[`${process.platform}-${process.arch}`]!;
  return join(dirname(require.resolve(`${pkg}/package.json`)), 'bin', bin);
}

interface Platform {
  readonly pkg: string;
  readonly bin: string;
}

function session(port: number): object {
  return {
    websocket_url: `ws://127.0.0.1:${port}/listen`,
    websocket_id: 'wsid_1',
    websocket_authorized_feature: 'webhooks',
    reconnect_delay: 3600,
    secret: LISTEN_SECRET,
    default_version: '2026-10-28.endive',
    latest_version: '2026-10-28.endive',
    device_token: 'device_1',
    display_connect_filter_warning: false,
  };
}

/** Snapshot events and event notifications come in messages of their own kind. */
function messageFor(event: object): object {
  const body = JSON.stringify(event, undefined, 2);
  const http_headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'User-Agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    'Stripe-Signature': signStripe({ body, secret: LISTEN_SECRET }),
  };
  if ((event as { object: string }).object === 'v2.core.event') {
    return { type: 'v2_event', payload: body, http_headers, destination_id: 'ed_1' };
  }
  return {
    type: 'webhook_event',
    endpoint: { api_version: null },
    event_payload: body,
    http_headers,
    webhook_conversation_id: 'wc_1',
    webhook_id: 'wh_1',
  };
}

function responseOf(socket: WebSocket): Promise<ForwardedWebhook> {
  return new Promise((resolve) => {
    const onMessage = (data: Buffer): void => {
      const message = JSON.parse(data.toString()) as ForwardedWebhook & { type: string };
      if (message.type !== 'webhook_response') return;
      socket.off('message', onMessage);
      resolve(message);
    };
    socket.on('message', onMessage);
  });
}

async function failedToStart(cli: ChildProcess, exited: Promise<unknown[]>): Promise<never> {
  let output = '';
  cli.stdout?.on('data', (chunk) => (output += chunk));
  cli.stderr?.on('data', (chunk) => (output += chunk));
  await exited;
  throw new Error(`stripe listen has ended:\n${output}`);
}
