import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SNAPSHOT_KINDS } from '../../dist/cjs/stripe/event-types/stripe-event-kinds.js';

const require = createRequire(new URL('../package.json', import.meta.url));
const stripe = dirname(require.resolve('stripe'));
const declarations = readFileSync(join(stripe, 'resources/Events.d.ts'), 'utf8');

const METHODS_A_CLASS = 10;
/** Those whose interface has the name that one would expect. */
const TYPES = Object.keys(SNAPSHOT_KINDS).filter((type) =>
  declarations.includes(`interface ${eventName(type)} `),
);

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    module: 'nodenext',
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
  },
  files: ['app.module.ts'],
};

/**
 * The files of an application with so many methods, each of an event of Stripe, typed. Decorated, or the same
 * without: both know Stripe's types and have an endpoint of this package.
 */
export function createSources({ count, isDecorated }) {
  const names = Array.from({ length: count / METHODS_A_CLASS }, (_, index) => `Service${index}`);
  const services = names.map((name, index) => [
    `${name}.ts`,
    createService(name, index * METHODS_A_CLASS, isDecorated),
  ]);
  return [
    ['tsconfig.json', JSON.stringify(TSCONFIG)],
    ['package.json', '{ "type": "module" }'],
    ['app.module.ts', createModule(names)],
    ...services,
  ];
}

function createModule(names) {
  return `import { Module } from '@nestjs/common';
import { StripeWebhooksModule } from 'nestjs-webhook-inbox/stripe';
import type Stripe from 'stripe';
${names.map((name) => `import { ${name} } from './${name}.js';`).join('\n')}

export type Paid = Stripe.InvoicePaidEvent['data']['object'];

@Module({
  imports: [StripeWebhooksModule.forRoot({ secrets: 'whsec_of_the_benchmark' })],
  providers: [${names.join(', ')}],
})
export class AppModule {}
`;
}

function createService(name, firstIndex, isDecorated) {
  const methods = Array.from({ length: METHODS_A_CLASS }, (_, index) => {
    const type = TYPES[(firstIndex + index) % TYPES.length];
    const decorator = isDecorated ? `  @OnStripeEvent('${type}')\n` : '';
    return `${decorator}  async handle${index}(event: Stripe.${eventName(type)}): Promise<void> {
    this.seen.push(event.id);
  }
`;
  });
  const imported = isDecorated
    ? `import { OnStripeEvent } from 'nestjs-webhook-inbox/stripe';\n`
    : '';
  return `import { Injectable } from '@nestjs/common';
${imported}import type Stripe from 'stripe';

@Injectable()
export class ${name} {
  readonly seen: string[] = [];

${methods.join('\n')}}
`;
}

/** `invoice.payment_failed` is `InvoicePaymentFailedEvent`. */
function eventName(type) {
  const words = type.split(/[._]/).map((word) => word[0].toUpperCase() + word.slice(1));
  return `${words.join('')}Event`;
}
