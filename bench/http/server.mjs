// Starts one contender, and tells over IPC its port and path, then what it has used and done so far.
// Argument: { server, adapter, nest, sender, handlers } as JSON.
import { createRequire } from 'node:module';
import { MAX_BODY_BYTES, STRIPE_SECRET, SVIX_SECRET } from './requests.mjs';

const FOLDERS = { nest11: '../nest11/', nest12: '../' };

const options = JSON.parse(process.argv[2]);
let handled = 0;
const { start } = await import(`./servers/${options.server}.mjs`);
const { port, path } = await start({
  ...options,
  load: createRequire(new URL(FOLDERS[options.nest], import.meta.url)),
  secret: options.sender === 'stripe' ? STRIPE_SECRET : SVIX_SECRET,
  maxBodyBytes: MAX_BODY_BYTES,
  /** What each handler does: nothing but say so. */
  handle: async () => {
    handled += 1;
  },
});

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({
    cpuMicroseconds: user + system,
    residentBytes: process.memoryUsage.rss(),
    handled,
  });
});
process.on('disconnect', () => process.exit(0));
process.send({ port, path });
