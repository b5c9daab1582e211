import { createSecureContext } from 'node:tls';
import type { Clock, Logger } from '@coxswain/machinery';
import { watchFile } from '../access/config-file/watch-file.ts';

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
