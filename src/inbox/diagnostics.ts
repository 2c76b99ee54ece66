import { channel } from 'node:diagnostics_channel';

/**
 * Channels of `node:diagnostics_channel` for metrics and traces. Messages carry ids and durations, never
 * a payload, a header or a secret. Docs: docs/observation.md.
 */
export const requestRefused = channel('nestjs-webhook-inbox:request.refused');
export const eventStored = channel('nestjs-webhook-inbox:event.stored');
export const eventRepeated = channel('nestjs-webhook-inbox:event.repeated');
export const attemptStarted = channel('nestjs-webhook-inbox:attempt.started');
export const attemptEnded = channel('nestjs-webhook-inbox:attempt.ended');
export const attemptRecorded = channel('nestjs-webhook-inbox:attempt.recorded');
export const deliveryDead = channel('nestjs-webhook-inbox:delivery.dead');
