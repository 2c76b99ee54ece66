import { compileSource } from './compile-source.mjs';
import { startServer } from './start-server.mjs';

/** One server for the whole run and all its projects; `POSTGRES_URL` names another to use instead. */
export default async function globalSetup() {
  process.env.WEBHOOK_INBOX_BUILD ??= compileSource();
  if (process.env.POSTGRES_URL) return;
  const server = await startServer();
  process.env.POSTGRES_URL = server.url;
  process.env.POSTGRES_IS_OURS = 'true';
  globalThis.stopPostgresServer = server.stop;
}
