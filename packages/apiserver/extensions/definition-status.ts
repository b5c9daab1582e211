import type { apiextensionsv1 } from '@coxswain/api';
import { copyJson, deepEqual, type KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../access/loopback-user.ts';
import { type ApiRequest, type RegistryContext, timeOf } from '../registry/context.ts';
import type { ServedResource } from '../registry/resource-registry.ts';
import { subresourceStrategy } from '../registry/subresource-update.ts';
import { updateWith } from '../registry/update.ts';
import type { Condition, Definition } from './definition.ts';

/** What a controller of definitions writes into the status of one. */
export interface StatusChange {
  /** Absent where they stay. */
  readonly acceptedNames?: apiextensionsv1.CustomResourceDefinitionNames;
  readonly conditions: readonly Condition[];
}

/** A request of the server itself about one object. */
export function ownRequest(
  resource: ServedResource,
  verb: string,
  name: string,
  namespace = '',
  subresource = '',
): ApiRequest {
  return {
    verb,
    resource,
    subresource,
    namespace,
    name,
    user: loopbackUser,
    query: {},
    dryRun: [],
    body: undefined,
    patchType: '',
    userAgent: 'kube-apiserver',
    warn: () => {},
  };
}

/** Changes the status of a stored definition; writes nothing when that changes nothing. */
export async function updateDefinitionStatus(
  context: RegistryContext,
  resource: ServedResource,
  name: string,
  { acceptedNames, conditions }: StatusChange,
): Promise<void> {
  const request = ownRequest(resource, 'update', name, '', 'status');
  await updateWith(context, request, subresourceStrategy(context, request, 'status'), (current) => {
    const object = copyJson(current?.object) as KubeObject;
    for (const condition of conditions) setCondition(context, object as Definition, condition);
    if (acceptedNames !== undefined) object['status'] = { ...object['status'], acceptedNames };
    return object;
  });
}

/** Sets a condition in place; the time moves only with the status. */
export function setCondition(context: RegistryContext, definition: Definition, condition: Condition): void {
  const status = (definition as KubeObject)['status'] ?? {};
  const conditions: Record<string, unknown>[] = [...(status.conditions ?? [])];
  const at = conditions.findIndex((one) => one['type'] === condition.type);
  const before = conditions[at];
  const lastTransitionTime =
    before !== undefined && before['status'] === condition.status && before['lastTransitionTime'] != null
      ? before['lastTransitionTime']
      : timeOf(context);
  const { type, status: state, reason, message } = condition;
  const after = { type, status: state, lastTransitionTime, reason, message };
  if (before === undefined) conditions.push(after);
  else if (!deepEqual(before, after)) conditions[at] = { ...before, ...after };
  (definition as KubeObject)['status'] = { ...status, conditions };
}
