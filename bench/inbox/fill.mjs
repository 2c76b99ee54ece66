/** Finished events, as rows that the engine could have written. */
export async function fill(pool, place, count) {
  await pool.query(
    `INSERT INTO ${place}.webhook_event (source, event_id, type, endpoint, received_at, arrived_by, headers, raw_body)
     SELECT 'stripe', 'evt_old_' || number, 'invoice.paid', 'stripe', now(), 'http', '{}',
            convert_to(repeat(md5(number::text), 60), 'UTF8')
     FROM generate_series(1, $1) AS number`,
    [count],
  );
  await pool.query(
    `INSERT INTO ${place}.webhook_delivery (event_id, handler, position, endpoint, job_id, status, attempts, finished_at)
     SELECT id, 'handler', 0, 'stripe', gen_random_uuid(), 'succeeded', 1, now() FROM ${place}.webhook_event`,
  );
}

/** All but the last 200 events is gone, as if it had never been. */
export async function empty(pool, place) {
  const old = `(SELECT max(id) - 200 FROM ${place}.webhook_event)`;
  await pool.query(`TRUNCATE ${place}_jobs.job_common`);
  await pool.query(`DELETE FROM ${place}.webhook_delivery WHERE event_id <= ${old}`);
  await pool.query(`DELETE FROM ${place}.webhook_event WHERE id <= ${old}`);
  await pool.query(`VACUUM ${place}.webhook_delivery`);
  await pool.query(`VACUUM ${place}.webhook_event`);
}
