import type { SeededRandom } from './seeded-random.js';

/** Bodies of webhooks, plain and not so plain. */
export const BODIES: readonly Buffer[] = [
  '{"id":"evt_1","object":"event"}',
  '{"amount": 5.0, "name":"Zoë 🧾"}',
  '{\r\n  "pretty": true\r\n}\n',
  '{"replaced":"\ufffd\ufffd"}',
  '',
].map((text) => Buffer.from(text));
const BYTES_TO_INSERT = ['ef bb bf', 'ff', 'c3', 'ed a0 80', '00', '0a', '20', 'ef bf bd'].map(
  (hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex'),
);

export function mutateBody(body: Buffer, random: SeededRandom): Buffer {
  const at = random.below(body.length + 1);
  const [before, after] = [body.subarray(0, at), body.subarray(at)];
  switch (random.below(5)) {
    case 0:
      return Buffer.concat([random.pick(BYTES_TO_INSERT), body]);
    case 1:
      return Buffer.concat([before, random.pick(BYTES_TO_INSERT), after]);
    case 2:
      return Buffer.concat([before, after.subarray(1)]);
    case 3: {
      const flipped = Buffer.from(body);
      if (body.length > 0) flipped[random.below(body.length)]! ^= 1 << random.below(8);
      return flipped;
    }
    default:
      // As a decoder and an encoder would leave it.
      return Buffer.from(new TextDecoder().decode(body));
  }
}
