import assert from 'node:assert/strict';
import { allResources } from '@coxswain/api';
import { eventually, type TestCluster } from '../../e2e/support/cluster.ts';
import type { Output } from '../../support/run-program.ts';
import type { Api } from './api.ts';
import type { Suite } from './suite.ts';

/** What one behaviour works with: a namespace of its own, and short ways to everything in it. */
export class Scope {
  readonly cluster: TestCluster;
  readonly api: Api;
  readonly namespace: string;
  readonly newNamespace: () => Promise<string>;

  constructor(suite: Suite, namespace: string) {
    this.cluster = suite.cluster;
    this.api = suite.api;
    this.namespace = namespace;
    this.newNamespace = () => suite.namespace('c');
  }

  /** The path of a resource, in the scope's namespace when it has one: `pods`, `leases.coordination.k8s.io`. */
  path(plural: string, name?: string, namespace: string = this.namespace): string {
    const fact = allResources().find((r) => r.resource === plural || `${r.resource}.${r.group}` === plural);
    assert.ok(fact, `no resource ${plural}`);
    const root = fact.group === '' ? `/api/${fact.version}` : `/apis/${fact.group}/${fact.version}`;
    const within = fact.namespaced ? `/namespaces/${namespace}` : '';
    return `${root}${within}/${fact.resource}${name === undefined ? '' : `/${name}`}`;
  }

  get(plural: string, name?: string): Promise<any> {
    return this.api.get(this.path(plural, name));
  }

  /** Creates objects of any kinds, each in this namespace unless it names one; gives the last. */
  async create(...objects: readonly any[]): Promise<any> {
    let last: any;
    for (const object of objects) last = await this.api.create(this.#collectionOf(object), object);
    return last;
  }

  /** The code and message with which the creation is refused. */
  async refusal(object: any): Promise<{ code: number; message: string; body: any }> {
    const { status, body, text } = await this.api.call('POST', this.#collectionOf(object), object);
    assert.ok(status >= 400, `should be refused: ${text}`);
    return { code: status, message: body.message, body };
  }

  #collectionOf(object: any): string {
    const fact = allResources().find(
      (r) =>
        r.kind === object.kind && object.apiVersion === (r.group ? `${r.group}/${r.version}` : r.version),
    );
    assert.ok(fact, `no kind ${object.apiVersion} ${object.kind}`);
    return this.path(
      fact.group ? `${fact.resource}.${fact.group}` : fact.resource,
      undefined,
      object.metadata.namespace,
    );
  }

  /** Waits until an object is as wanted, and gives it. */
  async until(plural: string, name: string, what: string, wanted: (object: any) => unknown): Promise<any> {
    let last: any;
    try {
      return await eventually(`${plural}/${name} ${what}`, async () => {
        last = await this.get(plural, name);
        return wanted(last) ? last : undefined;
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}; it was ${JSON.stringify(last?.status ?? last)}`);
    }
  }

  gone(plural: string, name: string): Promise<void> {
    return this.api.gone(this.path(plural, name));
  }

  delete(plural: string, name: string, options?: object): Promise<any> {
    return this.api.delete(this.path(plural, name), options);
  }

  /** Creates a pod and waits until it is ready. */
  async start(pod: any): Promise<any> {
    await this.create(pod);
    return this.ready(pod.metadata.name);
  }

  ready(name: string): Promise<any> {
    return this.until('pods', name, 'ready', isReady);
  }

  /** Creates a pod that ends by itself and waits for its end. */
  async finish(pod: any): Promise<any> {
    await this.create(pod);
    return this.until('pods', pod.metadata.name, 'ended', (p) => /Succeeded|Failed/.test(p.status.phase));
  }

  /** Creates a pod, waits until it has succeeded, and gives what its (first) container wrote. */
  async output(pod: any): Promise<string> {
    const ended = await this.finish(pod);
    const text = await this.logs(pod.metadata.name, pod.spec.containers[0].name);
    assert.equal(ended.status.phase, 'Succeeded', `${text}\n${JSON.stringify(ended.status)}`);
    return text;
  }

  async logs(name: string, container?: string): Promise<string> {
    const query = container === undefined ? '' : `?container=${container}`;
    const path = `${this.path('pods', name)}/log${query}`;
    const { status, text } = await this.api.call('GET', path, undefined, { accept: '*/*' });
    assert.equal(status, 200, `${path}: ${text}`);
    return text;
  }

  /** Runs a command in a pod, which must succeed. */
  exec(name: string, ...command: readonly string[]): Promise<string> {
    return this.kubectl('exec', name, '--', ...command);
  }

  /** A shell line in a pod, whatever becomes of it. */
  tryShell(name: string, line: string, ...options: readonly string[]): Promise<Output> {
    return this.cluster.tryKubectl('-n', this.namespace, 'exec', name, ...options, '--', 'sh', '-c', line);
  }

  shell(name: string, line: string): Promise<string> {
    return this.exec(name, 'sh', '-c', line);
  }

  kubectl(...args: readonly string[]): Promise<string> {
    return this.cluster.kubectl('-n', this.namespace, ...args);
  }
}

export function isReady(pod: any): boolean {
  return pod.status.conditions?.some((c: any) => c.type === 'Ready' && c.status === 'True') ?? false;
}
