import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Header lines in lower case. */
  readonly head: string;
  readonly body: unknown;
}

/** A connection on which a test writes byte for byte, for what Node's own client does not send. */
export class RawConnection {
  #received = Buffer.alloc(0);

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Resolves when there is room for more, so no faster than the server reads. */
  async write(bytes: string | Uint8Array): Promise<void> {
    if (!this.socket.write(bytes)) await once(this.socket, 'drain');
  }

  /** The next answer; its body is JSON and has a length, as all our answers have. */
  async answer(): Promise<RawAnswer> {
    for (;;) {
      const answer = this.#takeAnswer();
      if (answer) return answer;
      await Promise.race([once(this.socket, 'data'), this.#closed()]);
    }
  }

  /** Breaks the connection off, whatever is on its way. */
  async destroy(): Promise<void> {
    if (this.socket.closed) return;
    this.socket.destroy();
    await once(this.socket, 'close');
  }

  async #closed(): Promise<never> {
    await once(this.socket, 'close');
    throw new Error(`The server closed the connection after: ${this.#received.toString()}`);
  }

  #takeAnswer(): RawAnswer | undefined {
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1) return undefined;
    const head = this.#received.toString('latin1', 0, headEnd).toLowerCase();
    const status = Number(head.slice('http/1.1 '.length, 'http/1.1 200'.length));
    const length = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
    const end = headEnd + 4 + length;
    if (this.#received.length < end) return undefined;
    const text = this.#received.toString('utf8', headEnd + 4, end);
    this.#received = this.#received.subarray(end);
    return { status, head, body: text === '' ? undefined : JSON.parse(text) };
  }
}

/** The head of a POST, up to and with the empty line; header lines go out in latin1, as they are. */
export function postHead(path: string, headerLines: readonly string[]): Buffer {
  return Buffer.from(
    [`POST ${path} HTTP/1.1`, 'Host: localhost', ...headerLines, '', ''].join('\r\n'),
    'latin1',
  );
}
