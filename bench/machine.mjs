import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg } from 'node:os';

const SERVER_CORE = '0';
const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

/** Keeps this process off the core that servers have to themselves. */
export function leaveServerCore() {
  if (!canPin) return;
  const others = `1-${availableParallelism() - 1}`;
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', others, String(process.pid)]);
}

/** The command line of a Node process on the servers' core. */
export function onServerCore(args) {
  const command = [process.execPath, ...args];
  return canPin ? ['taskset', '--cpu-list', SERVER_CORE, ...command] : command;
}

export function describeMachine() {
  const [{ model }] = cpus();
  const pinned = canPin ? 'server and driver on cores of their own' : 'nothing is pinned to a core';
  const load = loadavg()[0].toFixed(1);
  return `${cpus().length} cores of ${model}, ${arch()}, Node ${process.version}, ${pinned}, load before ${load}`;
}

/** `name version` of packages that are installed in a folder of bench/. */
export function versionsIn(folder, names) {
  return names.map((name) => {
    const path = new URL(`${folder}/node_modules/${name}/package.json`, import.meta.url);
    return `${name} ${JSON.parse(readFileSync(path, 'utf8')).version}`;
  });
}
