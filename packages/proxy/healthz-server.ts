import type { Server } from 'node:http';
import { type Clock, formatMicroTime, nodeHttp } from '@coxswain/machinery';

/** Upstream's grace: twice the longest time between two full syncs, a minute each. */
const syncGraceMs = 2 * 60_000;

/** Knows how long changes have waited for the kernel. */
export class ProxyHealth {
  readonly #clock: Clock;
  #lastUpdated: number;
  #oldestPending: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastUpdated = clock.now();
  }

  /** A change waits to be written. */
  queued(): void {
    this.#oldestPending ??= this.#clock.now();
  }

  /** All changes queued before this call's sync began are written. */
  updated(): void {
    this.#oldestPending = undefined;
    this.#lastUpdated = this.#clock.now();
  }

  get healthy(): boolean {
    return this.#oldestPending === undefined || this.#clock.now() - this.#oldestPending < syncGraceMs;
  }

  /** What /healthz says. */
  report(): Readonly<Record<string, unknown>> {
    const now = this.#clock.now();
    const lastUpdated = this.#oldestPending === undefined ? now : this.#lastUpdated;
    return {
      lastUpdated: formatMicroTime(lastUpdated),
      currentTime: formatMicroTime(now),
      nodeEligible: true,
    };
  }
}

/**
 * Serves /healthz and /livez as kube-proxy does on port 10256, and /proxyMode.
 *
 * @returns the server, listening
 */
export function startHealthz(address: string, port: number, health: ProxyHealth): Promise<Server> {
  const server = nodeHttp.createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    if (path === '/proxyMode') {
      response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).end('nftables');
      return;
    }
    if (path !== '/healthz' && path !== '/livez') {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
      return;
    }
    response.writeHead(health.healthy ? 200 : 503, {
      'Content-Type': 'application/json',
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(JSON.stringify(health.report()));
  });
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve(server));
  });
}
