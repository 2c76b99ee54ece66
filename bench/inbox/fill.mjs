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
