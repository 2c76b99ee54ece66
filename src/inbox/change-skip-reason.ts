/** Why a delivery is skipped whose change the handler has in another format, by the event of that id. */
export function changeSkipReason(eventId: string): string {
  return `the handler has the same change by event ${eventId}`;
}
