import { typeOfKind } from '@coxswain/api';
import {
  copyJson,
  formatTime,
  type KubeObject,
  newBadRequest,
  newConflict,
  newNotFound,
} from '@coxswain/machinery';
import { objectKey } from '../../storage/keys.ts';
import { admissionAttributes } from '../admission.ts';
import { decodeObject } from '../body/decode-body.ts';
import { type ApiRequest, isDryRun, type Outcome, plainError, type RegistryContext } from '../context.ts';
import { ensureNamespace } from '../create.ts';
import { trackWrite } from '../managed-fields/managed-fields.ts';
import { validateWriteOptions } from '../options/options.ts';
import { failedPrecondition } from '../update.ts';
import { guaranteedUpdate } from '../write.ts';

const bindingKind = { group: '', version: 'v1', kind: 'Binding' };
const bindings = { group: '', resource: 'pods/binding' };

/** POST of a Binding, to `pods/NAME/binding` or to `bindings`: gives a pod to a node. */
export async function bindPod(context: RegistryContext, request: ApiRequest): Promise<Outcome> {
  validateWriteOptions(request, 'CreateOptions');
  const type = typeOfKind(bindingKind);
  if (type === undefined) throw new Error('binding a pod: there are no facts of Binding');
  const binding = decodeObject(request, bindingKind, type);
  ensureNamespace(request, binding);
  const attributes = admissionAttributes(request, 'CREATE', {
    name: request.name,
    object: binding,
    kind: bindingKind,
  });
  await context.admission.admit(attributes);
  if (request.name !== '' && request.name !== (binding.metadata.name ?? '')) {
    throw newBadRequest('name in URL does not match name in Binding object');
  }
  const fault = targetFault(binding);
  if (fault !== undefined) throw plainError(fault);
  await context.admission.validate(attributes);
  await assign(context, request, binding);
  return {
    kind: 'object',
    status: 201,
    object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
  };
}

function targetFault(binding: KubeObject): string | undefined {
  const { kind = '', name = '' } = (binding['target'] ?? {}) as { kind?: string; name?: string };
  const faults: string[] = [];
  if (kind !== '' && kind !== 'Node') {
    faults.push(
      `target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`,
    );
  }
  if (name === '') faults.push('target.name: Required value');
  return faults.length === 0 ? undefined : faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`;
}

/** What a binding may say of the pod that it is meant for. */
const preconditions = [
  ['uid', 'UID'],
  ['resourceVersion', 'ResourceVersion'],
] as const;

async function assign(context: RegistryContext, request: ApiRequest, binding: KubeObject): Promise<void> {
  const pods = context.resources.find('v1', 'pods');
  if (pods === undefined) throw new Error('binding a pod: pods are not served');
  const name = request.name === '' ? (binding.metadata.name ?? '') : request.name;
  const node = binding['target'].name as string;
  const key = objectKey(pods.cache.prefix, request.namespace, name);
  await guaranteedUpdate(context, pods, key, isDryRun(request), (current) => {
    if (current === undefined) throw newNotFound(pods.groupResource, name);
    const old = current.object;
    const refuse = (text: string): Error => newConflict(bindings, name, text);
    for (const [member, what] of preconditions) {
      const wanted = binding.metadata[member] ?? '';
      const there = old.metadata[member] ?? '';
      if (wanted !== '' && wanted !== there)
        throw failedPrecondition(pods.groupResource, name, key, what, wanted, there);
    }
    if (old.metadata.deletionTimestamp !== undefined) {
      throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
    }
    if ((old['spec'].nodeName ?? '') !== '') {
      throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(old['spec'].nodeName)}`);
    }
    if ((old['spec'].schedulingGates?.length ?? 0) > 0) {
      throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
    }
    const pod = copyJson(old) as KubeObject;
    pod['spec'].nodeName = node;
    const { annotations, labels } = binding.metadata;
    if (annotations !== undefined) pod.metadata.annotations = { ...pod.metadata.annotations, ...annotations };
    if (labels !== undefined) pod.metadata.labels = { ...pod.metadata.labels, ...labels };
    delete pod['status']?.nominatedNodeName;
    markScheduled(pod, formatTime(context.clock.now()));
    const tracked = trackWrite(context, { ...request, resource: pods, subresource: 'binding' }, old, pod);
    return tracked === undefined ? pod : tracked.then(() => pod);
  });
}

/** Sets the condition PodScheduled, and moves its time only when it changes. */
function markScheduled(pod: KubeObject, now: string): void {
  pod['status'] ??= {};
  const conditions: Record<string, unknown>[] = pod['status'].conditions ?? [];
  const before = conditions.find((c) => c['type'] === 'PodScheduled');
  const condition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: before?.['status'] === 'True' ? before['lastTransitionTime'] : now,
  };
  pod['status'].conditions =
    before === undefined ? [...conditions, condition] : conditions.map((c) => (c === before ? condition : c));
}
