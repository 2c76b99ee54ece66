const NAME = /^\P{Cc}{1,255}$/u;

/** Whether a value can be an event's id or type. They are kept and logged: they are short, and of one line. */
export function isEventName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}
