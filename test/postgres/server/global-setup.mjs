import { startServer } from './start-server.mjs';

/** One server for the whole run; `POSTGRES_URL` names another to use instead. */
export default async function globalSetup() {
  if (process.env.POSTGRES_URL) return;
  const server = await startServer();
  process.env.POSTGRES_URL = server.url;
  globalThis.stopPostgresServer = server.stop;
}
