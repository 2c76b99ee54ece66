import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { InjectionToken, OptionalFactoryDependency, Provider } from '@nestjs/common';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { webhookEndpointToken } from '../inbox/tokens.js';
import { WebhookInboxCoreModule } from '../inbox/webhook-inbox-core.module.js';
import { concealSecrets } from './conceal-secrets.js';
import {
  createWebhookController,
  hasControllerPaths,
  setControllerPaths,
} from './create-webhook-controller.js';
import type {
  WebhookEndpointExtras,
  WebhookEndpointOptions,
} from './endpoint-options.interface.js';
import { resolvePaths } from './resolve-endpoint-options.js';
import type { WebhookEndpoint, WebhookEndpointInfo } from './webhook-endpoint.interface.js';
import { WebhookEndpointRegistry } from './webhook-endpoint.registry.js';

/** How a sender makes its module. */
export interface EndpointModuleDefinition<Options extends WebhookEndpointOptions> {
  /** The endpoint's name where `forRoot` gives none; a sender without one requires it. */
  readonly defaultName: string | undefined;
  /** Providers of the endpoint's module, exported with it. They may inject `ENDPOINT_OPTIONS`. */
  readonly providers: readonly Exclude<Provider, Function>[];
  /** What `createEndpoint` gets beside the name and the options. */
  readonly inject: readonly (InjectionToken | OptionalFactoryDependency)[];
  /** @throws WebhookConfigurationError */
  readonly createEndpoint: (
    name: string,
    options: Options,
    ...dependencies: never[]
  ) => WebhookEndpoint;
}

/** Token of an endpoint's options within its own module. */
export const ENDPOINT_OPTIONS = Symbol('nestjs-webhook-inbox:endpoint-options');

/**
 * Builds the class that a sender's module extends. Each `forRoot` makes a module, a controller class and
 * an endpoint of its own.
 */
export function createEndpointModule<Options extends WebhookEndpointOptions>({
  defaultName,
  providers,
  inject,
  createEndpoint,
}: EndpointModuleDefinition<Options>) {
  return new ConfigurableModuleBuilder<Options>({ optionsInjectionToken: ENDPOINT_OPTIONS })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createWebhookOptions')
    .setExtras<WebhookEndpointExtras>({ decorators: [] }, (definition, extras) => {
      const name = requireName(extras.name ?? defaultName);
      const controller = createWebhookController(name, extras.decorators ?? []);
      const token = webhookEndpointToken(name);
      const endpointProvider = {
        provide: token,
        inject: [ENDPOINT_OPTIONS, WebhookEndpointRegistry, ...inject],
        useFactory: (
          options: Options,
          registry: WebhookEndpointRegistry,
          ...dependencies: never[]
        ): WebhookEndpointInfo => {
          const endpoint = createEndpoint(name, options, ...dependencies);
          const paths = resolvePaths(name, options.path ?? extras.path);
          registry.add(endpoint, paths, () => hasControllerPaths(controller, paths));
          setControllerPaths(controller, paths);
          const { source, secretLabels } = endpoint;
          return Object.freeze({ name, source, paths, secretLabels });
        },
      };
      return {
        ...definition,
        imports: [...(definition.imports ?? []), WebhookInboxCoreModule],
        controllers: [controller],
        providers: [
          ...(definition.providers ?? []).map((provider) =>
            tokenOf(provider) === ENDPOINT_OPTIONS ? concealSecrets(name, provider) : provider,
          ),
          ...providers,
          endpointProvider,
        ],
        exports: [...(definition.exports ?? []), ...providers.map(tokenOf), token],
      };
    })
    .build();
}

function tokenOf(provider: Provider): InjectionToken {
  return typeof provider === 'function' ? provider : provider.provide;
}

function requireName(name: string | undefined): string {
  if (typeof name === 'string' && name.trim() !== '') return name;
  throw new WebhookConfigurationError(
    "A webhook endpoint needs a name that is not blank, such as forRoot({ name: 'clerk', … }).",
  );
}
