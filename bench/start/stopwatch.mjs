/** Begins to count; the function gives the milliseconds since, and those that the processor worked for us. */
export function stopwatch() {
  const startedAtMs = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { wallMs: performance.now() - startedAtMs, cpuMs: (user + system) / 1000 };
  };
}
