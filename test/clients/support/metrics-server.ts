import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { TestHttpsServer } from '@coxswain/pki/testing';

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

/** Serves the metrics of nodes and of two pods to whom its front proxy vouches for, as metrics-server does. */
export class MetricsServer {
  readonly #nodes: readonly string[];
  #https: TestHttpsServer | undefined;
  /** Who asked for metrics, and for what. */
  readonly asked: string[] = [];

  private constructor(nodes: readonly string[]) {
    this.#nodes = nodes;
  }

  /** @param clientCa PEM of the CA of front proxies, as the cluster tells it */
  static async start(nodes: readonly string[], address: string, clientCa: string): Promise<MetricsServer> {
    const made = new MetricsServer(nodes);
    made.#https = await TestHttpsServer.start((request, response) => made.#answer(request, response), {
      altNames: ['metrics-server.kube-system.svc'],
      host: address,
      clientCa,
    });
    return made;
  }

  get port(): number {
    return (this.#https as TestHttpsServer).port;
  }

  /** Base64 of the CA of its certificate. */
  get caBundle(): string {
    return (this.#https as TestHttpsServer).caBundle;
  }

  async close(): Promise<void> {
    await this.#https?.close();
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
