import { posix } from 'node:path';
import type { ObjectReader } from '../../access/contract.ts';

/** admissionregistration's and apiextensions' WebhookClientConfig. */
export interface ClientConfig {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    readonly port?: number;
  };
  /** Base64 of PEM. */
  readonly caBundle?: string;
}

/** Where a webhook is called. */
export interface Endpoint {
  readonly url: URL;
  /** Host and port as the config says them, which errors show; a URL leaves out the port that is usual. */
  readonly authority: string;
  /** Tells where to connect instead of the URL's host, each time anew; absent for URLs. @throws Error */
  readonly dial?: () => { readonly host: string; readonly port: number };
  /** PEM; '' for the system's roots. */
  readonly ca: string;
}

const services = { group: '', resource: 'services' } as const;
const endpoints = { group: '', resource: 'endpoints' } as const;
const httpsPort = 443;

/** Resolves a client config against the services there are. @throws Error in upstream's words */
export function endpointOf(config: ClientConfig, reader: ObjectReader, random: () => number): Endpoint {
  const ca = Buffer.from(config.caBundle ?? '', 'base64').toString('utf8');
  if (config.url !== undefined && config.url !== '') {
    const url = new URL(config.url);
    cleanPath(url);
    return { url, authority: /^\w+:\/\/([^/]*)/.exec(config.url)?.[1] ?? url.host, ca };
  }
  const { service } = config;
  if (service === undefined) throw new Error('webhook configuration must have either service or URL');
  const { namespace, name, path = '', port = httpsPort } = service;
  const authority = `${name}.${namespace}.svc:${port}`;
  const url = new URL(`https://${authority}`);
  url.pathname = path;
  cleanPath(url);
  return { url, authority, ca, dial: () => serviceAddress(namespace, name, port, reader, random) };
}

/** As client-go joins paths: without slashes that say nothing. */
function cleanPath(url: URL): void {
  const path = posix.normalize(url.pathname);
  url.pathname = path.length > 1 ? path.replace(/\/$/, '') : path;
}

function serviceAddress(
  namespace: string,
  name: string,
  port: number,
  reader: ObjectReader,
  random: () => number,
): { readonly host: string; readonly port: number } {
  const service = reader.get(services, namespace, name);
  if (service === undefined) throw new Error(`service ${JSON.stringify(name)} not found`);
  if (service['spec']?.type === 'ExternalName') return { host: service['spec'].externalName, port };
  const ports: { name?: string; port: number }[] = service['spec']?.ports ?? [];
  const wanted = ports.find((one) => one.port === port);
  if (wanted === undefined) {
    throw new Error(`no service port ${port} found for service ${JSON.stringify(name)}`);
  }
  const subsets: { addresses?: { ip: string }[]; ports?: { name?: string; port: number }[] }[] =
    reader.get(endpoints, namespace, name)?.['subsets'] ?? [];
  for (const { addresses = [], ports: open = [] } of subsets) {
    const at = open.find((one) => (one.name ?? '') === (wanted.name ?? ''));
    const chosen = addresses[Math.floor(random() * addresses.length)];
    if (at !== undefined && chosen !== undefined) return { host: chosen.ip, port: at.port };
  }
  throw new Error(`no endpoints available for service ${JSON.stringify(name)}`);
}
