import type { KubeObject } from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import { parseResourceArgs } from './resource-args.ts';
import type { Session } from './session.ts';

const podsMapping = { group: '', version: 'v1', resource: 'pods' };

/** The containers of a pod in the order that kubectl looks through them. */
export function containersOf(pod: KubeObject): { name: string; tty?: boolean; stdin?: boolean }[] {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = pod['spec'] ?? {};
  return [...initContainers, ...containers, ...ephemeralContainers];
}

/** The container that the pod's annotation names, or else its first; says so when there are several. */
export function defaultContainer(pod: KubeObject, say: (text: string) => void): string {
  const named = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (named !== undefined && named !== '') {
    if (containersOf(pod).some(({ name }) => name === named)) return named;
    say(`Default container name "${named}" not found in pod ${pod.metadata.name}\n`);
  }
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod['spec'] ?? {};
  const first = containers[0]?.name as string | undefined;
  if (first === undefined) throw new Failure(`pod ${pod.metadata.name} does not have any containers`);
  const all = [...containers, ...ephemeralContainers.map(mark('ephem')), ...initContainers.map(mark('init'))];
  if (all.length > 1) {
    const names = all.map(({ name }: { name: string }) => name).join(', ');
    say(`Defaulted container "${first}" out of: ${names}\n`);
  }
  return first;
}

function mark(what: string): (container: { name: string }) => { name: string } {
  return ({ name }) => ({ name: `${name} (${what})` });
}

/** The pod of `POD` or `TYPE/NAME`: of a workload the best of its pods, waited for. */
export async function podOfResource(
  session: Session,
  resource: string,
  timeoutMs: number,
): Promise<KubeObject> {
  const rest = await session.rest();
  const namespace = await session.namespace();
  if (!resource.includes('/')) return rest.get({ mapping: podsMapping, namespace, name: resource });
  const { pairs } = await parseResourceArgs(await session.discovery(), [resource], 'pods');
  const { mapping, name } = pairs[0]!;
  const object = await rest.get({ mapping, namespace: mapping.namespaced ? namespace : undefined, name });
  if (mapping.kind === 'Pod') return object;
  const labelSelector = selectorOfWorkload(mapping.kind, object);
  return firstPod(session, namespace, labelSelector, timeoutMs);
}

/** All pods of a resource or a selector. */
export async function podsOfResource(
  session: Session,
  resource: string | undefined,
  selector: string,
): Promise<KubeObject[]> {
  const rest = await session.rest();
  const namespace = await session.namespace();
  let labelSelector = selector;
  if (resource !== undefined) {
    const { pairs } = await parseResourceArgs(await session.discovery(), [resource], 'pods');
    const { mapping, name } = pairs[0] ?? { mapping: undefined, name: resource };
    if (mapping === undefined || mapping.kind === 'Pod') {
      return [await rest.get({ mapping: podsMapping, namespace, name })];
    }
    labelSelector = selectorOfWorkload(mapping.kind, await rest.get({ mapping, namespace, name }));
  }
  return (await rest.list({ mapping: podsMapping, namespace }, { labelSelector })).items;
}

/** The label selector of the pods that a workload or service has. Throws `Failure` for other kinds. */
export function selectorOfWorkload(kind: string, object: KubeObject): string {
  const selector = object['spec']?.selector;
  const labels = kind === 'Service' || kind === 'ReplicationController' ? selector : selector?.matchLabels;
  if (
    ![
      'Service',
      'ReplicationController',
      'ReplicaSet',
      'Deployment',
      'StatefulSet',
      'DaemonSet',
      'Job',
    ].includes(kind)
  ) {
    throw new Failure(
      `cannot get the logs from ${object.apiVersion}, Kind=${kind}: selector for ${kind} not implemented`,
    );
  }
  if (kind === 'Service' && Object.keys(selector ?? {}).length === 0) {
    throw new Failure(`invalid service '${object.metadata.name}': Service is defined without a selector`);
  }
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  const expressions = (kind === 'Service' ? [] : (selector?.matchExpressions ?? [])) as any[];
  return [...pairs, ...expressions.map(expressionText)].join(',');
}

function expressionText({ key, operator, values = [] }: any): string {
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${key}`;
  return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
}

/** The pod to prefer: assigned, running, ready, longest ready. Waits for one to appear. */
async function firstPod(
  session: Session,
  namespace: string,
  labelSelector: string,
  timeoutMs: number,
): Promise<KubeObject> {
  const rest = await session.rest();
  const end = session.clock.monotonic() + timeoutMs;
  for (;;) {
    const { items } = await rest.list({ mapping: podsMapping, namespace }, { labelSelector });
    const [best] = items.toSorted(comparePods);
    if (best !== undefined) {
      if (items.length > 1) session.err(`Found ${items.length} pods, using pod/${best.metadata.name}\n`);
      return best;
    }
    if (session.clock.monotonic() >= end) throw new Failure('timed out waiting for the condition');
    await rest.pause(200);
  }
}

function comparePods(a: KubeObject, b: KubeObject): number {
  const rank = (pod: KubeObject): number[] => [
    pod['spec']?.nodeName ? 0 : 1,
    { Running: 0, Unknown: 1, Pending: 2 }[pod['status']?.phase as string] ?? 0,
    isReady(pod) ? 0 : 1,
    restarts(pod),
    Date.parse(pod.metadata.creationTimestamp ?? ''),
  ];
  const [left, right] = [rank(a), rank(b)];
  const at = left.findIndex((value, i) => value !== right[i]);
  return at < 0 ? 0 : (left[at] as number) - (right[at] as number);
}

function isReady(pod: KubeObject): boolean {
  return (
    pod['status']?.conditions?.some((each: any) => each.type === 'Ready' && each.status === 'True') ?? false
  );
}

function restarts(pod: KubeObject): number {
  return Math.max(0, ...(pod['status']?.containerStatuses ?? []).map((each: any) => each.restartCount ?? 0));
}
