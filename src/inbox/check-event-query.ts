import { EventQueryError } from '../errors/event-query.error.js';
import { DELIVERY_STATUSES } from './delivery.interface.js';
import type { EventFilter, EventQuery } from './event-query.interface.js';

const MAX_LIMIT = 1000;

/** @throws EventQueryError */
export function checkEventQuery({ limit = 1, cursor, ...filter }: EventQuery): void {
  checkEventFilter(filter);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new EventQueryError(`limit must be a whole number between 1 and ${MAX_LIMIT}.`);
  }
  if (cursor !== undefined && !/^\d{1,19}$/.test(cursor)) {
    throw new EventQueryError('cursor must be the cursor of a page of list().');
  }
}

/** @throws EventQueryError */
export function checkEventFilter({ status, since, until, type }: EventFilter): void {
  if (status !== undefined && !DELIVERY_STATUSES.includes(status)) {
    throw new EventQueryError(`status must be one of ${DELIVERY_STATUSES.join(', ')}.`);
  }
  for (const [name, date] of Object.entries({ since, until })) {
    if (date === undefined || (date instanceof Date && Number.isFinite(date.getTime()))) continue;
    throw new EventQueryError(`${name} must be a valid Date.`);
  }
  if (type !== undefined && !/^(?:[^*]*\.)?\*$|^[^*]+$/.test(type)) {
    throw new EventQueryError('type must be an event type, a prefix such as "invoice.*", or "*".');
  }
}
