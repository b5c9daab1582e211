import { createSecureContext } from 'node:tls';
import type { Clock, Logger } from '@coxswain/machinery';
import { watchFile } from '../../config-file/watch-file.ts';

/** What TLS works with, PEM. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  /** Of clients; `''`: there are none. */
  readonly clientCA: string;
  /** Of front proxies; absent: there are none. */
  readonly proxyCa?: string;
}

/** Files that certificates are in. */
export interface CertificateFiles {
  readonly paths: readonly string[];
  /** What they hold now. @throws when one cannot be read */
  read(): TlsMaterial;
}

/**
 * Calls `use` with what the files hold whenever that is something else that is whole: a certificate without its
 * key is waited out.
 * @returns what stops it
 */
export function followCertificates(
  files: CertificateFiles,
  use: (material: TlsMaterial) => void,
  clock: Clock,
  logger: Logger,
): () => void {
  let used = JSON.stringify(files.read());
  const check = async (): Promise<void> => {
    let found: TlsMaterial;
    try {
      found = files.read();
      const text = JSON.stringify(found);
      if (text === used) return;
      const { cert, key, clientCA, proxyCa = '' } = found;
      createSecureContext({ cert, key, ca: clientCA + proxyCa });
      use(found);
      used = text;
      logger.info('certificates were exchanged', { paths: files.paths });
    } catch (error) {
      logger.error('exchanging certificates failed', { error: (error as Error).message });
    }
  };
  const stops = files.paths.map((path) => watchFile(path, check, clock, logger));
  return () => {
    for (const stop of stops) stop();
  };
}

/** A certificate and its key, PEM. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

/** A certificate and its key in two files that are followed. */
export class FollowedPair {
  readonly #paths: readonly string[];
  readonly #read: () => CertificatePair;
  #current: CertificatePair;

  /** @param read gives what the files hold now @throws when one cannot be read */
  constructor(paths: readonly string[], read: () => CertificatePair) {
    this.#paths = paths;
    this.#read = read;
    this.#current = read();
  }

  /** What the files held when they were last whole. */
  get current(): CertificatePair {
    return this.#current;
  }

  /** Calls `renewed` whenever that changes. @returns what stops it */
  follow(renewed: () => void, clock: Clock, logger: Logger): () => void {
    const read = (): TlsMaterial => ({ ...this.#read(), clientCA: '' });
    const use = ({ cert, key }: TlsMaterial): void => {
      this.#current = { cert, key };
      renewed();
    };
    return followCertificates({ paths: this.#paths, read }, use, clock, logger);
  }
}
