import { subscribe, unsubscribe } from 'node:diagnostics_channel';

const CHANNELS = ['nestjs-webhook-inbox:event.stored', 'nestjs-webhook-inbox:event.repeated'];

/** Resolves when an event has been stored or repeated so many times, whoever sent it. */
export function arrivals(eventId: string, times: number): Promise<void> {
  return published(times, (message) => message.eventId === eventId);
}

/** Resolves when so many events have been stored or repeated, whichever they are. */
export function anyArrivals(times: number): Promise<void> {
  return published(times, () => true);
}

function published(
  times: number,
  isCounted: (message: { eventId: string }) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    const onMessage = (message: unknown): void => {
      if (!isCounted(message as { eventId: string })) return;
      count += 1;
      if (count < times) return;
      CHANNELS.forEach((name) => unsubscribe(name, onMessage));
      resolve();
    };
    CHANNELS.forEach((name) => subscribe(name, onMessage));
  });
}
