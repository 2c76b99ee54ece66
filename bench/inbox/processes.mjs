import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const children = new Set();

/** An application with an inbox, and a process that sends to it. */
export async function startApp(contender, url, place, connections) {
  const app = start('server.mjs', [contender, url, place]);
  const [{ port }] = await once(app, 'message');
  const sender = start('load.mjs', []);
  let batch = 0;
  return {
    place,
    ask: (question) => ask(app, question),
    load: (events) => ask(sender, { port, events, connections, prefix: `evt_${batch++}` }),
    stop: () => Promise.all([stop(app), stop(sender)]),
  };
}

/** What a process says before it ends. */
export async function runChild(file, args) {
  const child = start(file, args);
  const exited = once(child, 'exit');
  const [message] = await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => Promise.reject(new Error(`${file} ended with ${code}.`))),
  ]);
  await exited;
  return message;
}

export function killAll() {
  for (const child of children) child.kill();
}

function start(file, args) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, args.map(String), { env: { ...process.env, NODE_ENV: 'test' } });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function ask(child, question) {
  child.send(question);
  return (await once(child, 'message'))[0];
}

async function stop(child) {
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}
