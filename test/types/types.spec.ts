import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compile, ROOT } from '../support/compile.js';

const CLEAN = { exitCode: 0, output: '' };

describe('the types', () => {
  it.each(['tsconfig.esm.json', 'tsconfig.cjs.json'])(
    'accept and refuse what the fixtures say, with %s',
    async (config) => {
      const result = await compile(join(ROOT, 'test/types', config));

      expect(result).toEqual(CLEAN);
    },
    60_000,
  );

  it('name both events where a handler takes another one', async () => {
    const { output } = await compileSource(`
      import type Stripe from 'stripe';
      import { OnStripeEvent } from 'nestjs-webhook-inbox/stripe';
      export class Invoices {
        @OnStripeEvent('invoice.paid')
        onPaid(_event: Stripe.CustomerCreatedEvent): void {}
      }
    `);

    expect(output).toContain(
      `Type '"invoice.paid"' is not assignable to type '"customer.created"'.`,
    );
  }, 60_000);

  it('compile in an application of 300 handlers', async () => {
    const result = await compileSource(handlersSource(300));

    expect(result).toEqual(CLEAN);
  }, 60_000);
});

/** Compiles one file in a directory of its own, which sees this checkout's packages. */
async function compileSource(source: string): ReturnType<typeof compile> {
  const directory = await mkdtemp(join(tmpdir(), 'nestjs-webhook-inbox-types-'));
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'), 'junction');
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
  await writeFile(join(directory, 'source.ts'), source);
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: { rootDir: '/' },
    include: ['source.ts'],
  };
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(config));

  const result = await compile(join(directory, 'tsconfig.json'));
  await rm(directory, { recursive: true, force: true });
  return result;
}

/** Classes of ten handlers each, with the decorator forms that are most used. */
function handlersSource(count: number): string {
  const forms: readonly [types: string, event: string][] = [
    [`'invoice.paid'`, 'Stripe.InvoicePaidEvent'],
    [`'customer.subscription.updated'`, 'Stripe.CustomerSubscriptionUpdatedEvent'],
    [
      `['invoice.paid', 'customer.created']`,
      'Stripe.InvoicePaidEvent | Stripe.CustomerCreatedEvent',
    ],
    [`'customer.subscription.*'`, 'Stripe.Event'],
    [`'*'`, 'Stripe.Event'],
  ];
  const methods = Array.from({ length: count }, (_, index) => {
    const [types, event] = forms[index % forms.length]!;
    return `
      @OnStripeEvent(${types})
      async on${index}(_event: ${event}, _context: StripeWebhookContext): Promise<void> {}`;
  });
  const classes = Array.from(
    { length: Math.ceil(count / 10) },
    (_, index) => `
    @Injectable()
    export class Service${index} {${methods.slice(index * 10, index * 10 + 10).join('\n')}
    }`,
  );
  return `
    import { Injectable } from '@nestjs/common';
    import type Stripe from 'stripe';
    import { OnStripeEvent } from 'nestjs-webhook-inbox/stripe';
    import type { StripeWebhookContext } from 'nestjs-webhook-inbox/stripe';
    ${classes.join('\n')}
  `;
}
