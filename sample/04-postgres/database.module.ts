import { Global, Inject, Module } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Pool } from 'pg';

// More connections than handlers run at once: each of them keeps one, and the inbox uses some.
const createPool = (): Pool =>
  new Pool({ connectionString: process.env.DATABASE_URL, max: 25 }).on('error', console.error);

@Global()
@Module({ providers: [{ provide: Pool, useFactory: createPool }], exports: [Pool] })
export class DatabaseModule implements OnModuleInit, OnApplicationShutdown {
  constructor(@Inject(Pool) private readonly pool: Pool) {}

  async onModuleInit(): Promise<void> {
    await this.pool.query(`
      SELECT pg_advisory_lock(4);
      CREATE TABLE IF NOT EXISTS orders (session_id text, amount integer);
      CREATE TABLE IF NOT EXISTS stock (available integer);
      SELECT pg_advisory_unlock(4)`);
  }

  /** The inbox is done with the pool by then. */
  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
