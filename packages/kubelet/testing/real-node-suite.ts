/** A node for tests with real containers: a kubelet over a containerd of its own and an API server in memory. */
import { request } from 'node:https';
import { join } from 'node:path';
import { Client } from '@coxswain/client';
import { FakeTransport } from '@coxswain/controller';
import { startContainerd, type TestContainerd } from '@coxswain/cri/containerd-suite';
import { type KubeObject, systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { type Kubelet, startKubelet } from '../kubelet.ts';
import type { Pod, PodSpec } from '../types.ts';

const pods = { group: '', version: 'v1', resource: 'pods' };
/** The one token that the API server knows. */
export const goodToken = 'good-token';

export interface RealNode {
  readonly containerd: TestContainerd;
  readonly api: FakeTransport;
  readonly client: Client;
  readonly port: number;
  /** Where the volumes are. */
  readonly rootDir: string;
  create(name: string, spec: Partial<PodSpec>): Promise<void>;
  pod(name: string): Pod | undefined;
  delete(name: string): Promise<void>;
  until(what: string, done: () => boolean | Promise<boolean>): Promise<void>;
  /** GETs a path of the kubelet's server. */
  get(path: string, token?: string): Promise<{ readonly status: number; readonly body: string }>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startRealNode(): Promise<RealNode> {
  const containerd = await startContainerd();
  const api = new FakeTransport({ clock: systemClock, intercept: answerReviews });
  const client = new Client(api);
  const pki = new PkiDir(join(containerd.dir, 'pki'), systemClock);
  const issuer = pki.authority('ca', 'test-ca');
  const leaf = pki.leaf('kubelet', issuer, {
    subject: { commonName: 'node-1' },
    usages: ['server'],
    altNames: ['127.0.0.1'],
  });
  const rootDir = join(containerd.dir, 'kubelet');
  const start = (): Promise<Kubelet> =>
    startKubelet({
      nodeName: 'node-1',
      client,
      runtime: containerd.runtime,
      rootDir,
      podLogsDir: join(containerd.dir, 'pod-logs'),
      nodeIps: ['127.0.0.1'],
      clusterDns: ['10.96.0.10'],
      cgroupRoot: containerd.cgroupRoot,
      server: { address: '127.0.0.1', port: 0, cert: leaf.certificate, key: leaf.key },
    });
  let kubelet = await start();
  const portOf = (): number => kubelet.port ?? 0;
  return {
    containerd,
    api,
    client,
    rootDir,
    get port() {
      return portOf();
    },
    async create(name, spec) {
      const body = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default', labels: { app: name }, generation: 1 },
        spec: { nodeName: 'node-1', restartPolicy: 'Always', terminationGracePeriodSeconds: 2, ...spec },
        status: { phase: 'Pending' },
      };
      await client.resource(pods, 'default').create(body as KubeObject);
    },
    pod: (name) => api.find(pods, `default/${name}`) as Pod | undefined,
    async delete(name) {
      await client.resource(pods, 'default').delete(name, { gracePeriodSeconds: 2 });
    },
    async until(what, done) {
      const limit = AbortSignal.timeout(30_000);
      while (!(await done())) {
        await systemClock.sleep(20, limit).catch(() => {
          throw new Error(`${what}: did not come within 30 s`);
        });
      }
    },
    get: (path, token = goodToken) => get(portOf(), path, token),
    async restart() {
      await kubelet.close();
      kubelet = await start();
    },
    async close() {
      await kubelet.close();
      await containerd.close();
    },
  };
}

function answerReviews(asked: {
  readonly resource: string;
  readonly body?: unknown;
}): KubeObject | undefined {
  const body = asked.body as KubeObject;
  if (asked.resource === 'tokenreviews') {
    const authenticated = body['spec'].token === goodToken;
    return { ...body, status: { authenticated, user: { username: 'alice', groups: [] } } };
  }
  if (asked.resource === 'subjectaccessreviews') return { ...body, status: { allowed: true } };
  return undefined;
}

function get(port: number, path: string, token: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const options = {
      host: '127.0.0.1',
      port,
      path,
      headers,
      rejectUnauthorized: false,
      agent: false as const,
    };
    const outgoing = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
