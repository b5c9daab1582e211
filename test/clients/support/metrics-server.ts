import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, isIPv4 } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';

const groupVersion = 'metrics.k8s.io/v1beta1';
const root = `/apis/${groupVersion}`;

const resource = (name: string, kind: string, namespaced: boolean): object => ({
  name,
  singularName: '',
  namespaced,
  kind,
  verbs: ['get', 'list'],
});

const nodeMetrics = (name: string): object => ({
  kind: 'NodeMetrics',
  apiVersion: groupVersion,
  metadata: { name, creationTimestamp: '2026-01-01T00:00:00Z' },
  timestamp: '2026-01-01T00:00:00Z',
  window: '20s',
  usage: { cpu: '250m', memory: '1Gi' },
});

const podMetrics = (
  name: string,
  namespace: string,
  usage: readonly (readonly [string, string])[],
): object => ({
  kind: 'PodMetrics',
  apiVersion: groupVersion,
  metadata: { name, namespace, creationTimestamp: '2026-01-01T00:00:00Z' },
  timestamp: '2026-01-01T00:00:00Z',
  window: '20s',
  containers: usage.map(([cpu, memory], i) => ({ name: `c${i}`, usage: { cpu, memory } })),
});

const pods: readonly object[] = [
  podMetrics('web', 'default', [
    ['12345678n', '20Mi'],
    ['1', '1500Ki'],
  ]),
  podMetrics('db', 'default', [['250m', '3Gi']]),
];

/** An address of this machine that others reach it under, as endpoints must have one; undefined without a network. */
export function ownAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find(({ address, internal }) => !internal && isIPv4(address))?.address;
}

/** Serves the metrics of nodes and of two pods to whom its front proxy vouches for, as metrics-server does. */
export class MetricsServer {
  readonly #dir = mkdtempSync(join(tmpdir(), 'coxswain-metrics-'));
  readonly #pki = new PkiDir(this.#dir, systemClock);
  readonly #nodes: readonly string[];
  readonly #server;
  /** Who asked for metrics, and for what. */
  readonly asked: string[] = [];

  /** @param clientCa PEM of the CA of front proxies, as the cluster tells it */
  constructor(nodes: readonly string[], clientCa: string) {
    this.#nodes = nodes;
    const leaf = this.#pki.leaf('metrics-server', this.#pki.authority('ca', 'metrics'), {
      subject: { commonName: 'metrics-server' },
      usages: ['server'],
      altNames: ['metrics-server.kube-system.svc'],
    });
    const tls = { cert: leaf.certificate, key: leaf.key, ca: clientCa };
    this.#server = createServer(
      { ...tls, requestCert: true, rejectUnauthorized: false },
      (request, response) => this.#answer(request, response),
    );
  }

  /** Base64 of the CA of its certificate. */
  get caBundle(): string {
    return Buffer.from(this.#pki.authority('ca', 'metrics').certificate).toString('base64');
  }

  /** Resolves with the port. */
  async listen(address: string): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, address, resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const [path] = (request.url ?? '').split('?');
    const json = (code: number, body: object): void => {
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (path === root) {
      const resources = [resource('nodes', 'NodeMetrics', false), resource('pods', 'PodMetrics', true)];
      json(200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources });
      return;
    }
    const socket = request.socket as TLSSocket;
    if (!socket.authorized || socket.getPeerCertificate().subject.CN !== 'front-proxy-client') {
      json(401, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 401, reason: 'Unauthorized' });
      return;
    }
    this.asked.push(`${request.headers['x-remote-user']} ${request.method} ${path}`);
    if (path === `${root}/nodes`) {
      const items = this.#nodes.map(nodeMetrics);
      json(200, { kind: 'NodeMetricsList', apiVersion: groupVersion, metadata: {}, items });
    } else if (path === `${root}/pods` || path === `${root}/namespaces/default/pods`) {
      json(200, { kind: 'PodMetricsList', apiVersion: groupVersion, metadata: {}, items: pods });
    } else
      json(404, {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        code: 404,
        reason: 'NotFound',
        message: 'none',
      });
  }
}
