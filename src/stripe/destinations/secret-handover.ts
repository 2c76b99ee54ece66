import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { WebhookConfigurationError } from '../../errors/webhook-configuration.error.js';
import type { StripeEventFormat } from '../event-types/known-event-types.js';

/** The signing secret of a destination that has just been made. Stripe gives it this once. */
export interface NewStripeSecret {
  /** The name of the endpoint it belongs to. */
  readonly endpoint: string;
  readonly format: StripeEventFormat;
  /** The destination's id in Stripe. */
  readonly destination: string;
  readonly url: string;
  readonly secret: string;
}

/** Where a new secret goes: to one of the two, exactly once, and never to a log. */
export interface SecretHandoverOptions {
  /** Puts it where the application finds it. When it rejects, the destination is deleted again. */
  readonly onSecret?: (secret: NewStripeSecret) => void | Promise<void>;
  /**
   * A file that does not exist yet, made for its owner's eyes only (mode 0600), with one line for each:
   * `STRIPE_SNAPSHOT_SECRET=whsec_…`, by the endpoint's name and the format.
   */
  readonly secretFile?: string;
}

export interface SecretHandover {
  give(secret: NewStripeSecret): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes ready for secrets, before anything is made in Stripe: a file that cannot be written must not cost
 * a secret.
 * @throws WebhookConfigurationError where nothing takes them; the error of the file system.
 */
export async function openSecretHandover({
  onSecret,
  secretFile,
}: SecretHandoverOptions): Promise<SecretHandover> {
  if ((onSecret === undefined) === (secretFile === undefined)) {
    throw new WebhookConfigurationError(
      'Stripe shows the signing secret of a new destination once. Say where it goes: give onSecret or secretFile, on the command line --secret-file.',
    );
  }
  if (onSecret) return { give: async (secret) => onSecret(secret), close: async () => {} };
  return openSecretFile(secretFile!);
}

/** A file that got no secret is removed again, so that the next try can make it. */
async function openSecretFile(path: string): Promise<SecretHandover> {
  const file = await createFile(path);
  let isEmpty = true;
  return {
    give: (secret) => {
      isEmpty = false;
      return writeSecret(file, secret);
    },
    close: async () => {
      await file.close();
      if (isEmpty) await unlink(path);
    },
  };
}

async function createFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new WebhookConfigurationError(
      `${path} is there already, and secrets are never written over others. Give a file that does not exist.`,
      { cause: error },
    );
  }
}

async function writeSecret(
  file: FileHandle,
  { endpoint, format, secret }: NewStripeSecret,
): Promise<void> {
  const name = `${endpoint}_${format}_secret`.replace(/\W+/g, '_').toUpperCase();
  await file.write(`${name}=${secret}\n`);
  await file.sync();
}
