import { HttpException, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { InboxUnavailableError } from '../errors/inbox-unavailable.error.js';
import { RefusedRequestError } from '../errors/refused-request.error.js';
import { withoutStack } from '../errors/without-stack.js';
import { RefusalLog } from './refusal-log.js';

/** The one place where our errors become HTTP. */
@Injectable()
export class RequestRefusals {
  constructor(
    private readonly log: RefusalLog,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /**
   * Logs why a request gets no 200, and gives the exception that answers it: a code and a message for a
   * 4xx, which is the sender's to mend; no detail for a 5xx, which is ours and makes it send again.
   */
  refuse(endpoint: string, error: unknown, response?: unknown): HttpException {
    this.log.add(endpoint, error);
    if (error instanceof InboxUnavailableError && response !== undefined) {
      const seconds = String(error.retryAfterSeconds);
      this.adapterHost.httpAdapter.setHeader(response, 'Retry-After', seconds);
    }

    const statusCode = error instanceof RefusedRequestError ? error.statusCode : 500;
    const body =
      error instanceof RefusedRequestError && statusCode < 500
        ? { statusCode, code: error.code, message: error.message }
        : {
            statusCode,
            message: statusCode === 503 ? 'Service unavailable' : 'Internal server error',
          };
    return withoutStack(() => new HttpException(body, statusCode, { cause: error }));
  }
}
