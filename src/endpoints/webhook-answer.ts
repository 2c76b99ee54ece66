import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Reply } from '../inbox/webhook.replier.js';

/** What Express comes to for the body below. */
const WEAK_ETAG = 'W/"11-AwthwvtwQvtPwO9Ch6SuPA2Y7Wg"';

/** The answer to an event that was taken. */
@Injectable()
export class WebhookAnswer {
  #takesEtag: boolean | undefined;

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  /**
   * Gives the body. Express hashes each one for its `ETag`, which takes as long as checking a signature,
   * unless the header is there already.
   */
  to(response: unknown): { received: true } {
    this.#takesEtag ??= this.#findTakesEtag();
    if (this.#takesEtag) (response as ServerResponse).setHeader('ETag', WEAK_ETAG);
    return { received: true };
  }

  /** Gives the body of a reply, which has an `ETag` of its own where Express makes one. */
  reply(response: unknown, { headers, body }: Reply): object {
    for (const [name, value] of Object.entries(headers)) {
      this.adapterHost.httpAdapter.setHeader(response, name, value);
    }
    return body;
  }

  /** Express with its default settings does. */
  #findTakesEtag(): boolean {
    const adapter = this.adapterHost.httpAdapter;
    if (adapter.getType() !== 'express') return false;
    return adapter.getInstance<{ get(setting: string): unknown }>().get('etag') === 'weak';
  }
}
