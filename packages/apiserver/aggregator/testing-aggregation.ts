import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@coxswain/client';
import { type KubeObject, systemClock, VirtualClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { askHttps, type HttpsAnswer, openHttps } from '@coxswain/pki/testing';
import { loopbackUser } from '../access/loopback-user.ts';
import type { ApiServer } from '../apiserver.ts';
import { untilObject } from '../testing-objects.ts';
import { startTestServer } from '../testing-server.ts';
import { type ApiService, apiServices, type Condition } from './api-service.ts';
import { group, startTestExtension, type TestExtension, version } from './testing-extension.ts';

export const name = `${version}.${group}`;
export const root = `/apis/${group}/${version}`;

const users = new Map([
  ['admin-token', { name: 'admin', uid: '7', groups: ['system:masters'], extra: { 'a/b': ['1', '2'] } }],
  ['nobody-token', { name: 'nobody', groups: [] }],
]);

export const conditionOf = (service: ApiService): Condition | undefined =>
  service.status?.conditions?.find((condition) => condition.type === 'Available');

/** An API server on a clock that is wound, and another behind it. */
export class Aggregation {
  readonly clock = new VirtualClock();
  readonly extension: TestExtension;
  readonly #dir = mkdtempSync(join(tmpdir(), 'coxswain-aggregator-'));
  #started: Awaited<ReturnType<typeof startTestServer>> | undefined;
  #ca = '';

  private constructor(extension: TestExtension) {
    this.extension = extension;
  }

  static async start(): Promise<Aggregation> {
    const made = new Aggregation(await startTestExtension());
    await made.#start();
    return made;
  }

  async #start(): Promise<void> {
    const pki = new PkiDir(this.#dir, systemClock);
    const issuer = pki.authority('ca', 'test');
    const { certificate: cert, key } = pki.leaf('server', issuer, {
      subject: { commonName: 'server' },
      usages: ['server'],
      altNames: ['127.0.0.1'],
    });
    this.#ca = issuer.certificate;
    this.#started = await startTestServer({
      clock: this.clock,
      listen: { host: '127.0.0.1', port: 0, cert, key, clientCA: '' },
      access: { staticTokens: users },
      aggregator: {
        routing: 'cluster-ip',
        refuseRedirects: true,
        proxyClient: () => this.extension.proxyClient,
      },
    });
  }

  async stop(): Promise<void> {
    await this.#started?.close();
    await this.extension.close();
    rmSync(this.#dir, { recursive: true });
  }

  get server(): ApiServer {
    if (this.#started === undefined) throw new Error('reaching the server: it is not started');
    return this.#started.server;
  }

  /** Acts as the server itself, in its process. */
  get client(): Client {
    return new Client(this.server.loopback(loopbackUser));
  }

  /** PEM by which the server is known. */
  get ca(): string {
    return this.#ca;
  }

  /** A CA that nobody has a certificate of, as APIServices bear it. */
  foreignCa(): string {
    const { certificate } = new PkiDir(this.#dir, systemClock).authority('other', 'other');
    return Buffer.from(certificate).toString('base64');
  }

  open(path: string, options: RequestOptions = {}, body?: string): Promise<IncomingMessage> {
    return openHttps(`${this.server.url}${path}`, this.#as(options), body);
  }

  ask(path: string, options: RequestOptions = {}, body?: string): Promise<HttpsAnswer> {
    return askHttps(`${this.server.url}${path}`, this.#as(options), body);
  }

  /** The administrator's, unless the options name somebody else. */
  #as(options: RequestOptions): RequestOptions {
    const headers = { authorization: 'Bearer admin-token', ...(options.headers as object) };
    return { ca: this.#ca, ...options, headers };
  }

  async json(path: string, options: RequestOptions = {}): Promise<any> {
    return JSON.parse((await this.ask(path, options)).body);
  }

  /** Resolves with the condition Available as soon as it is as wanted. */
  async untilAvailability(holds: (condition: Condition) => boolean): Promise<Condition> {
    const service = await untilObject(this.client.resource<ApiService>(apiServices), name, (found) => {
      const condition = found && conditionOf(found);
      return condition !== undefined && holds(condition);
    });
    return conditionOf(service as ApiService) as Condition;
  }

  /** The APIService of the server behind. */
  apiService(): KubeObject {
    return {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name },
      spec: {
        group,
        version,
        groupPriorityMinimum: 100,
        versionPriority: 100,
        caBundle: this.extension.caBundle,
        service: { namespace: 'kube-system', name: 'metrics', port: this.extension.port },
      },
    };
  }

  /** A service that leads to this machine. */
  async addService(called: string): Promise<void> {
    await this.client.resource({ group: '', version: 'v1', resource: 'services' }, 'kube-system').create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: called, namespace: 'kube-system' },
      spec: { type: 'ExternalName', externalName: 'localhost' },
    });
  }

  /** The server behind is known and answers. */
  async ready(): Promise<void> {
    await this.addService('metrics');
    await this.client.resource(apiServices).create(this.apiService());
    await this.untilAvailability(({ reason }) => reason === 'Passed');
  }

  /** Changes the APIService. */
  async change(spec: object, labels: Record<string, string> = {}): Promise<void> {
    const current = await this.client.resource(apiServices).get(name);
    await this.client.resource(apiServices).update({
      ...current,
      metadata: { ...current.metadata, labels },
      spec: { ...current['spec'], ...spec },
    });
  }
}
