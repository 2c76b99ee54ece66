export default async function globalTeardown() {
  const stop = globalThis.stopPostgresServer;
  globalThis.stopPostgresServer = undefined;
  await stop?.();
}
