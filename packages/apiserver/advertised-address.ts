import type { ApiServerOptions } from './api-server-options.ts';

type Named = Pick<ApiServerOptions, 'advertiseAddress' | 'externalHostname' | 'listen'>;

/** The address that others reach the server under; a listener on all addresses is reached on this machine. */
export function advertisedAddress({ advertiseAddress, listen }: Named): string {
  return advertiseAddress ?? localHost(listen?.host ?? '');
}

/** The URL that others reach the server under, known before it listens. */
export function advertisedUrl(options: Named): string {
  return `https://${options.externalHostname ?? advertisedAddress(options)}:${options.listen?.port ?? 443}`;
}

/** The URL of a server that listens. */
export function servedUrl(options: Named, port: number): string {
  const host = advertisedAddress(options);
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function localHost(host: string): string {
  return host === '0.0.0.0' || host === '::' || host === '' ? '127.0.0.1' : host;
}
