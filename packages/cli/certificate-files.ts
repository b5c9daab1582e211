import type { CertificateFiles } from '@coxswain/apiserver';
import { fileOf } from './flag-files.ts';
import type { Flags } from './flags.ts';

const names = [
  'tls-cert-file',
  'tls-private-key-file',
  'client-ca-file',
  'requestheader-client-ca-file',
] as const;

/**
 * The files that the flags name for TLS, which are followed when they change; undefined when there are none.
 * @param made takes the place of what no file holds
 */
export function certificateFiles(
  flags: Flags,
  made: { readonly cert: string; readonly key: string; readonly clientCA: string },
): CertificateFiles | undefined {
  const paths = names.flatMap((name) => flags.string(name) ?? []);
  if (paths.length === 0) return undefined;
  return {
    paths,
    read: () => {
      const proxyCa = fileOf(flags, 'requestheader-client-ca-file');
      return {
        cert: fileOf(flags, 'tls-cert-file') ?? made.cert,
        key: fileOf(flags, 'tls-private-key-file') ?? made.key,
        clientCA: fileOf(flags, 'client-ca-file') ?? made.clientCA,
        ...(proxyCa === undefined ? {} : { proxyCa }),
      };
    },
  };
}
