import { describe, expect, it } from '@jest/globals';
import { WebhookConfigurationError } from '../../src/errors/webhook-configuration.error.js';
import { readType, resolveTypePath } from '../../src/standard-webhooks/type-path.js';

function read(body: string, typePath?: string): unknown {
  return readType(JSON.parse(body), resolveTypePath('clerk', typePath));
}

describe('The path of a type', () => {
  it.each([
    ['{"type":"a"}', undefined, 'a'],
    ['{"event_type":"a","type":"b"}', 'event_type', 'a'],
    ['{"event":{"name":"a"}}', 'event.name', 'a'],
    ['{"events":[{"name":"a"},{"name":"b"}]}', 'events.1.name', 'b'],
    ['{"constructor":{"name":"a"}}', 'constructor.name', 'a'],
    ['{"__proto__":{"type":"a"}}', '__proto__.type', 'a'],
    ['{"type":"constructor"}', undefined, 'constructor'],
  ])('finds it: in %s at %s', (body, typePath, type) => {
    expect(read(body, typePath)).toBe(type);
  });

  it.each([
    ['{}', undefined],
    ['null', undefined],
    ['"type"', undefined],
    ['[]', undefined],
    ['{"__proto__":{"type":"a"}}', undefined],
    ['{}', 'toString'],
    ['{}', '__proto__'],
    ['{}', 'constructor.name'],
    ['{}', '__proto__.constructor.name'],
    ['{"event":"name"}', 'event.length'],
    ['{"event":null}', 'event.name'],
    ['{"event.name":"a"}', 'event.name'],
    ['{"Type":"a"}', 'type'],
  ])('finds nothing but the own fields of the body: in %s at %s', (body, typePath) => {
    expect(read(body, typePath)).toBeUndefined();
  });

  it.each(['', ' ', '.', 'event.', '.name', 'event..name', null, 1, ['event', 'name'], {}])(
    'refuses to start as %j',
    (typePath) => {
      expect(() => resolveTypePath('clerk', typePath)).toThrow(WebhookConfigurationError);
      expect(() => resolveTypePath('clerk', typePath)).toThrow('"clerk": typePath must be');
    },
  );
});
