/**
 * What is measured. `server` is a file in servers/, `nest` the folder whose packages it loads, `sender` how
 * its requests are signed, `taken` and `refused` the statuses of a valid and of a forged one, which golevelup
 * has of its own.
 */
export const CONTENDERS = [
  { name: 'node:http', server: 'node-http' },
  { name: 'Express', server: 'express' },
  { name: 'Fastify', server: 'fastify' },
  { name: 'Nest rawBody, Express', server: 'nest', adapter: 'express' },
  { name: 'Nest rawBody, Fastify', server: 'nest', adapter: 'fastify' },
  {
    name: 'golevelup, Express',
    server: 'golevelup',
    adapter: 'express',
    nest: 'nest11',
    taken: 201,
    refused: 500,
  },
  {
    name: 'golevelup, Fastify',
    server: 'golevelup',
    adapter: 'fastify',
    nest: 'nest11',
    taken: 201,
    refused: 500,
  },
  { name: 'ours, Express', server: 'ours', adapter: 'express' },
  { name: 'ours, Fastify', server: 'ours', adapter: 'fastify' },
  { name: 'ours, Express, Nest 11', server: 'ours', adapter: 'express', nest: 'nest11' },
  { name: 'ours, Fastify, Nest 11', server: 'ours', adapter: 'fastify', nest: 'nest11' },
  { name: 'svix, Express', server: 'svix', sender: 'standard-webhooks' },
  { name: 'ours, Express, Svix', server: 'ours', adapter: 'express', sender: 'standard-webhooks' },
  { name: 'ours, Fastify, Svix', server: 'ours', adapter: 'fastify', sender: 'standard-webhooks' },
  {
    name: 'ours, Express, Svix, Nest 11',
    server: 'ours',
    adapter: 'express',
    nest: 'nest11',
    sender: 'standard-webhooks',
  },
  {
    name: 'ours, Fastify, Svix, Nest 11',
    server: 'ours',
    adapter: 'fastify',
    nest: 'nest11',
    sender: 'standard-webhooks',
  },
].map((contender) => ({
  nest: 'nest12',
  sender: 'stripe',
  taken: 200,
  refused: 400,
  ...contender,
}));

/** Whose speed the others are compared with. */
export const REFERENCES = ['Express', 'Fastify', 'golevelup, Express', 'golevelup, Fastify'];

/** Those of `--quick`. */
export const QUICK = ['Express', 'Fastify', 'golevelup, Express', 'ours, Express', 'ours, Fastify'];
