import type { Service } from '../types.ts';

/** The namespace and name of the API server's own service, which all pods see. */
const masterNamespace = 'default';
const masterServices = new Set(['kubernetes']);

/** The services that a pod of the namespace is told of. */
export function visibleServices(
  services: readonly Service[],
  namespace: string,
  enableServiceLinks: boolean,
): readonly Service[] {
  const found = new Map<string, Service>();
  for (const service of services) {
    const ip = service.spec?.clusterIP;
    if (ip === undefined || ip === '' || ip === 'None') continue;
    const name = service.metadata.name ?? '';
    const own = service.metadata.namespace === namespace;
    const isMaster = service.metadata.namespace === masterNamespace && masterServices.has(name);
    if (isMaster && !found.has(name)) found.set(name, service);
    else if (own && enableServiceLinks) found.set(name, service);
  }
  return [...found.values()];
}

/** Upstream's FromServices: a service's variables, in the Docker-link form as well. */
export function serviceEnv(services: readonly Service[]): Map<string, string> {
  const env = new Map<string, string>();
  for (const service of services) {
    const prefix = variableName(service.metadata.name ?? '');
    const ip = service.spec?.clusterIP ?? '';
    const ports = service.spec?.ports ?? [];
    const first = ports[0];
    if (first === undefined) continue;
    env.set(`${prefix}_SERVICE_HOST`, ip);
    env.set(`${prefix}_SERVICE_PORT`, String(first.port));
    for (const port of ports) {
      if (port.name) env.set(`${prefix}_SERVICE_PORT_${variableName(port.name)}`, String(port.port));
    }
    for (const [i, port] of ports.entries()) {
      const protocol = port.protocol ?? 'TCP';
      const address = ip.includes(':') ? `[${ip}]` : ip;
      const url = `${protocol.toLowerCase()}://${address}:${port.port}`;
      if (i === 0) env.set(`${prefix}_PORT`, url);
      const portPrefix = `${prefix}_PORT_${port.port}_${protocol.toUpperCase()}`;
      env.set(portPrefix, url);
      env.set(`${portPrefix}_PROTO`, protocol.toLowerCase());
      env.set(`${portPrefix}_PORT`, String(port.port));
      env.set(`${portPrefix}_ADDR`, ip);
    }
  }
  return env;
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_').replaceAll('.', '_');
}
