// Decorators without a compiler: as TypeScript applies them.

export function decorateMethod(type, method, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, method);
  for (const decorate of decorators) decorate(type.prototype, method, descriptor);
}

/** A class with so many methods that each call `handle`, decorated and injectable. */
export function createService({ Injectable }, count, handle, decorate) {
  class BillingService {}
  for (let index = 0; index < count; index++) {
    const method = `handle${index}`;
    Object.defineProperty(BillingService.prototype, method, {
      value: (event) => handle(event),
      configurable: true,
      writable: true,
    });
    if (decorate) decorateMethod(BillingService, method, decorate);
  }
  Injectable()(BillingService);
  return BillingService;
}
