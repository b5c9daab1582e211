import type { Server } from 'node:http';
import { type Logger, nodeHttp } from '@coxswain/machinery';

/** A load balancer's question, whether this node has endpoints of a service. */
export interface ServiceHealth {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly localEndpoints: number;
}

/** Answers the health check node ports of services with externalTrafficPolicy Local. */
export class HealthServers {
  readonly #servers = new Map<number, { readonly server: Server; health: ServiceHealth }>();
  readonly #logger: Logger;
  readonly #proxyHealthy: () => boolean;

  constructor(logger: Logger, proxyHealthy: () => boolean) {
    this.#logger = logger;
    this.#proxyHealthy = proxyHealthy;
  }

  /** Opens and closes ports until they are those of `wanted`. */
  sync(wanted: readonly ServiceHealth[]): void {
    const ports = new Set(wanted.map((health) => health.port));
    for (const [port, { server }] of this.#servers) {
      if (ports.has(port)) continue;
      server.close();
      server.closeAllConnections();
      this.#servers.delete(port);
    }
    for (const health of wanted) {
      const open = this.#servers.get(health.port);
      if (open !== undefined) open.health = health;
      else this.#open(health);
    }
  }

  close(): void {
    this.sync([]);
  }

  #open(health: ServiceHealth): void {
    const server = nodeHttp.createServer((_, response) => {
      const { namespace, name, localEndpoints } = entry.health;
      const healthy = this.#proxyHealthy();
      response.writeHead(localEndpoints > 0 && healthy ? 200 : 503, {
        'Content-Type': 'application/json',
        'X-Content-Type-Options': 'nosniff',
        'X-Load-Balancing-Endpoint-Weight': String(localEndpoints),
      });
      response.end(
        JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy: healthy }),
      );
    });
    const entry = { server, health };
    server.on('error', (error) => {
      this.#servers.delete(health.port);
      this.#logger.error('Failed to start healthcheck', { ...health, error: error.message });
    });
    server.listen(health.port);
    server.unref();
    this.#servers.set(health.port, entry);
  }
}
