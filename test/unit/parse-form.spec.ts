import { expect, it } from '@jest/globals';
import { parseForm } from '../../src/testing/stripe-api/parse-form.js';

it.each<[string, unknown]>([
  ['limit=1&type=invoice.paid', { limit: '1', type: 'invoice.paid' }],
  ['types[0]=a&types[1]=b', { types: ['a', 'b'] }],
  ['include[]=a&include[]=b', { include: ['a', 'b'] }],
  ['created[gte]=1&created[lt]=2', { created: { gte: '1', lt: '2' } }],
  ['metadata[a]=1&metadata[b][c]=%5Bx%5D', { metadata: { a: '1', b: { c: '[x]' } } }],
  ['list[0][name]=a&list[1][name]=b', { list: [{ name: 'a' }, { name: 'b' }] }],
  ['metadata[]=', { metadata: [''] }],
  ['metadata[__proto__]=1', { metadata: Object.fromEntries([['__proto__', '1']]) }],
  ['', {}],
])('parses %s', (text, expected) => {
  expect(parseForm(text)).toEqual(expected);
});
