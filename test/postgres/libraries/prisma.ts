import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { PrismaPg } from '@prisma/adapter-pg';
import { prismaTransactions } from '../../../src/postgres/index.js';
import type {
  PrismaDatabase,
  PrismaTransaction,
} from '../../../src/postgres/transactions/prisma-transactions.js';
import type { LibraryCase, LibraryTarget } from './library-case.js';

const require = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('../../../node_modules/.cache/prisma/', import.meta.url));

const SCHEMA = `
generator client {
  provider = "prisma-client-js"
  output   = "./client"
}
datasource db {
  provider = "postgresql"
}
model Fulfilment {
  eventId String @id @map("event_id")
  @@map("fulfilment")
}
`;

interface Transaction extends PrismaTransaction {
  readonly fulfilment: { create(row: { data: { eventId: string } }): Promise<unknown> };
}

interface Client extends PrismaDatabase<Transaction> {
  $transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  $disconnect(): Promise<void>;
}

let generated: Promise<new (options: object) => Client> | undefined;

export async function prismaCase({
  connectionString,
  schema,
}: LibraryTarget): Promise<LibraryCase<Transaction>> {
  const PrismaClient = await (generated ??= generate());
  const client = new PrismaClient({ adapter: new PrismaPg({ connectionString }, { schema }) });
  return {
    adapter: prismaTransactions<Transaction>(client),
    write: ({ fulfilment }, eventId) => fulfilment.create({ data: { eventId } }),
    begin: (work) => client.$transaction(work),
    close: () => client.$disconnect(),
  };
}

/** Prisma's client is generated from a schema. */
async function generate(): Promise<new (options: object) => Client> {
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}schema.prisma`, SCHEMA);
  const cli = require.resolve('prisma/build/index.js');
  await promisify(execFile)(process.execPath, [cli, 'generate', '--schema', 'schema.prisma'], {
    cwd: folder,
    env: {
      ...process.env,
      CHECKPOINT_DISABLE: '1',
      // It is for migrations only. Without this it would be fetched, which not every machine can.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    },
  });
  const { PrismaClient } = await import(pathToFileURL(`${folder}client/index.js`).href);
  return PrismaClient;
}
