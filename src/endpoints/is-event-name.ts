const NAME = /^[^\p{Cc}\p{Cs}]{1,255}$/u;

/** Whether a value can be an event's id or type. They are kept and logged: they are short, of one line,
 * and without half of a surrogate pair, which UTF-8 cannot say. */
export function isEventName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}
