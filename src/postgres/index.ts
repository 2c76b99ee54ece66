// Engine
export { postgresEngine } from './postgres-engine.js';
export type {
  EmbeddedOptions,
  PostgresEngineOptions,
  ServerOptions,
} from './postgres-engine.options.js';
export type { PgPool, PgPoolClient } from './pg-pool.interface.js';
