/**
 * The tables, as they came to be. Appended to, never edited: a database remembers how many it has.
 * `{schema}` is the engine's schema.
 */
export const MIGRATIONS: readonly string[] = [
  `
  -- What came in. Text is compared by its bytes, because ids are no words.
  CREATE TABLE {schema}.webhook_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    type text NOT NULL,
    endpoint text NOT NULL,
    received_at timestamptz NOT NULL,
    arrived_by text NOT NULL,
    secret_label text,
    account text,
    livemode boolean,
    headers jsonb NOT NULL,
    raw_body bytea,
    stored_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source, event_id)
  );

  -- The same event as another endpoint brought it, where a delivery runs on that.
  CREATE TABLE {schema}.webhook_arrival (
    event_id bigint NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    received_at timestamptz NOT NULL,
    arrived_by text NOT NULL,
    secret_label text,
    headers jsonb NOT NULL,
    -- NULL where it is the body of webhook_event.
    raw_body bytea,
    PRIMARY KEY (event_id, endpoint)
  );

  -- One event for one handler. No foreign key: its check costs a row lock for every delivery stored,
  -- and only the engine writes here.
  CREATE TABLE {schema}.webhook_delivery (
    event_id bigint NOT NULL,
    handler text COLLATE "C" NOT NULL,
    position integer NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    -- Whether it runs on what came by its endpoint, in webhook_arrival, or on webhook_event.
    is_arrival boolean NOT NULL DEFAULT false,
    job_id uuid NOT NULL UNIQUE,
    -- Which taking of the job runs or ran it; the result of an earlier one is refused.
    claim integer NOT NULL DEFAULT -1,
    replay integer NOT NULL DEFAULT 0,
    status text COLLATE "C" NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    reason text,
    -- JSON, but as text: a message may hold what jsonb refuses.
    error text,
    retry_at timestamptz,
    is_held boolean NOT NULL DEFAULT false,
    -- What a reply handler answered, as text like the error.
    reply text,
    -- Made of the source and the lane.
    lane uuid,
    -- It has no job until it has its turn in its lane, or its handler is resumed.
    is_waiting boolean NOT NULL DEFAULT false,
    is_paused boolean NOT NULL DEFAULT false,
    -- Made of source, lane and handler, until it has settled, where one run may stand for several.
    burst uuid,
    -- The job of the run that stands for it.
    leader uuid,
    -- Made of source, handler and change. A filter that turned the delivery away leaves none.
    change uuid,
    change_format text,
    stored_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (event_id, handler)
  ) WITH (
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05
  );

  CREATE INDEX webhook_delivery_turn ON {schema}.webhook_delivery (lane, event_id, position)
    WHERE is_waiting;
  CREATE INDEX webhook_delivery_pause ON {schema}.webhook_delivery (handler) WHERE is_paused;
  CREATE INDEX webhook_delivery_burst ON {schema}.webhook_delivery (burst) WHERE burst IS NOT NULL;
  CREATE INDEX webhook_delivery_change ON {schema}.webhook_delivery (change) WHERE change IS NOT NULL;

  -- The lanes that are taken, and the job that has the turn. Gone when nothing waits for it.
  CREATE TABLE {schema}.webhook_lane (
    lane uuid PRIMARY KEY,
    holder uuid NOT NULL
  ) WITH (
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02
  );

  -- In which format a handler has a change, and by which event it came.
  CREATE TABLE {schema}.webhook_change (
    change uuid PRIMARY KEY,
    format text NOT NULL,
    event_id bigint NOT NULL,
    sender_id text NOT NULL
  );

  CREATE TABLE {schema}.webhook_pause (
    handler text COLLATE "C" PRIMARY KEY,
    paused_at timestamptz NOT NULL DEFAULT now()
  );
  `,
  `
  -- For pruning: an event is in the first until its body is dropped, and in the second from then on.
  CREATE INDEX webhook_event_with_body ON {schema}.webhook_event (received_at, id)
    WHERE raw_body IS NOT NULL;
  CREATE INDEX webhook_event_without_body ON {schema}.webhook_event (received_at, id)
    WHERE raw_body IS NULL;
  `,
  `
  -- Texts under keys: how far something got.
  CREATE TABLE {schema}.webhook_note (
    key text COLLATE "C" PRIMARY KEY,
    value text NOT NULL
  );

  -- For a store that is older than this table, its first event.
  INSERT INTO {schema}.webhook_note (key, value)
  SELECT 'created',
    to_char(
      coalesce(min(stored_at), now()) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
    )
  FROM {schema}.webhook_event;

  -- Who does what only one process may do, and until when.
  CREATE TABLE {schema}.webhook_claim (
    name text COLLATE "C" PRIMARY KEY,
    owner text COLLATE "C" NOT NULL,
    until timestamptz NOT NULL
  );
  `,
  `
  -- For a lane that keeps its order: what its death does to those behind it, 'block' or 'pass'.
  ALTER TABLE {schema}.webhook_delivery
    ADD COLUMN on_dead text COLLATE "C",
    -- It is dead and keeps its turn.
    ADD COLUMN is_blocking boolean NOT NULL DEFAULT false,
    -- For counting. They do not change when an attempt begins, which so stays cheap.
    ADD COLUMN is_open boolean NOT NULL
      GENERATED ALWAYS AS (status IN ('pending', 'running', 'failed')) STORED,
    ADD COLUMN is_dead boolean NOT NULL GENERATED ALWAYS AS (status = 'dead') STORED;

  CREATE INDEX webhook_delivery_blocking ON {schema}.webhook_delivery (event_id) WHERE is_blocking;
  CREATE INDEX webhook_delivery_open ON {schema}.webhook_delivery (event_id) WHERE is_open;
  CREATE INDEX webhook_delivery_dead ON {schema}.webhook_delivery (event_id) WHERE is_dead;
  CREATE INDEX webhook_delivery_finished ON {schema}.webhook_delivery (finished_at)
    WHERE finished_at IS NOT NULL;

  -- Rises with the row ids: the time at which a transaction of an application began may be long ago.
  ALTER TABLE {schema}.webhook_event ALTER COLUMN stored_at SET DEFAULT clock_timestamp();
  `,
];
