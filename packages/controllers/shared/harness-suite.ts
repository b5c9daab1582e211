import assert from 'node:assert/strict';
import { allResources } from '@coxswain/api';
import { Client, type DeleteOptions, type ResourceRequest } from '@coxswain/client';
import {
  createEventRecorder,
  createInformerFactory,
  createWorkQueue,
  FakeTransport,
} from '@coxswain/controller';
import {
  type GroupVersionResource,
  type KubeList,
  type KubeObject,
  type ResourceFact,
  silentLogger,
  VirtualClock,
} from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from './context.ts';
import { nodes, pods } from './resources.ts';

/** Steps of 50 ms that a condition may take to become true: a minute. */
const patience = 1_200;

/** Shows the stable resources of the API in its discovery, finalizes namespaces, and deletes by policy. */
class DiscoverableTransport extends FakeTransport {
  readonly #served: DiscoverableResource[] = [...stable];

  /** From now on discovery shows the resource. */
  serve(ref: GroupVersionResource, kind: string): void {
    const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
    this.#served.push({ ...ref, kind, namespaced: true, verbs, subresources: new Map() });
  }

  /** From now on it does not. */
  withdraw(ref: GroupVersionResource): void {
    const at = this.#served.findIndex((one) => one.group === ref.group && one.resource === ref.resource);
    if (at >= 0) this.#served.splice(at, 1);
  }

  override async raw(path: string): Promise<string> {
    const [, root, group = '', version] = path.split('/');
    if (path === '/apis') return JSON.stringify({ groups: groupsOf(this.#served) });
    const apiVersion = root === 'api' ? { group: '', version: group } : { group, version };
    const resources = this.#served.filter(
      (r) => r.group === apiVersion.group && r.version === apiVersion.version,
    );
    return JSON.stringify({
      resources: resources.flatMap(({ resource: name, kind, namespaced, verbs, subresources }) => [
        { name, kind, namespaced, verbs },
        ...[...subresources.keys()].map((sub) => ({
          name: `${name}/${sub}`,
          kind,
          namespaced,
          verbs: ['get'],
        })),
      ]),
    });
  }

  override async request(request: ResourceRequest): Promise<KubeObject | KubeList> {
    const policy = request.verb === 'delete' ? (request.body as DeleteOptions)?.propagationPolicy : undefined;
    if (policy !== undefined && policy !== 'Background') return await this.#deleteLater(request, policy);
    if (request.subresource === 'approval') return await super.request({ ...request, subresource: 'status' });
    if (request.subresource !== 'finalize') return await super.request(request);
    const { subresource: _, ...rest } = request;
    const updated = (await super.request(rest)) as KubeObject;
    if (!updated.metadata.deletionTimestamp || updated['spec'].finalizers.length > 0) return updated;
    return await super.request({ ...rest, verb: 'delete', body: {} });
  }

  /** The object stays until the garbage collector has done what the policy says. */
  async #deleteLater(
    request: ResourceRequest,
    policy: 'Orphan' | 'Foreground',
  ): Promise<KubeObject | KubeList> {
    const { body: _, ...rest } = request;
    const held = (await super.request({ ...rest, verb: 'get' })) as KubeObject;
    const finalizer = policy === 'Orphan' ? 'orphan' : 'foregroundDeletion';
    const finalizers = [...new Set([...(held.metadata.finalizers ?? []), finalizer])];
    await super.request({
      ...rest,
      verb: 'update',
      body: { ...held, metadata: { ...held.metadata, finalizers } },
    });
    return await super.request({ ...rest, verb: 'delete', body: {} });
  }
}

type DiscoverableResource = GroupVersionResource &
  Pick<ResourceFact, 'kind' | 'namespaced' | 'verbs' | 'subresources'>;

const stable: readonly DiscoverableResource[] = allResources().filter(
  (resource) => /^v\d+$/.test(resource.version) && resource.verbs.includes('list'),
);

function groupsOf(served: readonly DiscoverableResource[]): object[] {
  const names = new Set(served.map((resource) => resource.group).filter((group) => group !== ''));
  return [...names].map((name) => {
    const version = served.find((resource) => resource.group === name)?.version;
    return { name, preferredVersion: { version } };
  });
}

/** A cluster of nothing but an API, a clock and the controllers under test. */
export class Harness {
  readonly clock = new VirtualClock();
  readonly transport = new DiscoverableTransport({ clock: this.clock });
  readonly client = new Client(this.transport);
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];
  readonly context: ControllerContext = {
    client: this.client,
    informers: createInformerFactory(this.client, { clock: this.clock, random: () => 0.5 }),
    clock: this.clock,
    logger: silentLogger,
    random: () => 0.5,
    queue: (name) => createWorkQueue({ name, clock: this.clock }),
    recorder: (component) => createEventRecorder(this.client, { component, clock: this.clock }),
  };

  async run(...controllers: readonly RunnableController[]): Promise<void> {
    const { signal } = this.#stop;
    this.context.informers.start(signal);
    await this.context.informers.whenSynced(signal);
    for (const controller of controllers) this.#running.push(controller.run(signal));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.clock.advance(1);
    await Promise.all(this.#running);
  }

  /** Winds the clock until the condition holds. */
  async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    for (let i = 0; i < patience; i++) {
      if (await condition()) return;
      await this.clock.advance(50);
    }
    assert.fail(`never: ${what}`);
  }

  async pods(namespace = 'default'): Promise<readonly KubeObject[]> {
    return (await this.client.resource(pods, namespace).list()).items;
  }

  async events(): Promise<string[]> {
    const list = await this.client.resource({ group: '', version: 'v1', resource: 'events' }).list();
    return list.items.map((event) => `${event['reason']}: ${event['message']}`);
  }

  async addNode(name: string): Promise<KubeObject> {
    return await this.client.resource(nodes).create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name },
      spec: {},
      status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: 'first' }] },
    });
  }

  /** Does a kubelet's part: pods that match become Running and Ready; deleted ones go. */
  async kubelet(isGood: (pod: KubeObject) => boolean = () => true): Promise<void> {
    for (const pod of await this.pods()) {
      const client = this.client.resource(pods, pod.metadata.namespace);
      if (pod.metadata.deletionTimestamp) {
        await client.delete(pod.metadata.name as string, { gracePeriodSeconds: 0 });
      } else if (isGood(pod) && pod['status']?.phase !== 'Running') {
        const lastTransitionTime = new Date(this.clock.now()).toISOString();
        const status = {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }],
        };
        await client.updateStatus({ ...pod, apiVersion: 'v1', kind: 'Pod', status });
      }
    }
  }
}
