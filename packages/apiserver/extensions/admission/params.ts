import { type KubeObject, parseApiVersion, selectorFromLabelSelector } from '@coxswain/machinery';
import type { AdmissionAttributes, ObjectReader } from '../../access/contract.ts';

/** The objects that a binding gives its policy, or the text of why it cannot. */
export type Params =
  | readonly (KubeObject | undefined)[]
  | {
      readonly error: string;
      /** It is the policy itself that cannot be followed, whatever its bindings say. */
      readonly ofPolicy?: boolean;
    };

interface ParamRef {
  readonly name?: string;
  readonly namespace?: string;
  readonly selector?: Parameters<typeof selectorFromLabelSelector>[0];
  readonly parameterNotFoundAction?: string;
}

/** One undefined where the policy takes none. */
export function paramsOf(
  policy: KubeObject,
  binding: KubeObject,
  a: AdmissionAttributes,
  reader: ObjectReader,
): Params {
  const kind = policy['spec']?.paramKind as { apiVersion: string; kind: string } | undefined | null;
  if (kind === undefined || kind === null) return [undefined];
  const resource = reader.resourceOfKind?.({ ...parseApiVersion(kind.apiVersion), kind: kind.kind });
  if (resource === undefined) {
    return {
      error: `failed to find resource referenced by paramKind: '${kind.apiVersion}, Kind=${kind.kind}'`,
      ofPolicy: true,
    };
  }
  const ref = binding['spec']?.paramRef as ParamRef | undefined | null;
  if (ref === undefined || ref === null) return [undefined];
  let namespace = ref.namespace ?? '';
  if (resource.namespaced) {
    if (namespace === '') namespace = a.namespace;
    if (namespace === '') {
      return {
        error: `cannot use namespaced paramRef in policy binding that matches cluster-scoped resources`,
      };
    }
  } else if (namespace !== '') {
    return { error: `paramRef.namespace must not be provided for a cluster-scoped \`paramKind\`` };
  }
  const found = findParams(ref, resource, namespace, reader);
  if (found.length > 0) return found;
  // Without params the policy does not apply, or everything is refused.
  return ref.parameterNotFoundAction === 'Deny'
    ? { error: 'no params found for policy binding with `Deny` parameterNotFoundAction' }
    : [];
}

function findParams(
  ref: ParamRef,
  resource: { readonly group: string; readonly resource: string },
  namespace: string,
  reader: ObjectReader,
): readonly KubeObject[] {
  const { name = '' } = ref;
  if (name !== '') {
    const one = reader.get(resource, namespace, name);
    return one === undefined ? [] : [one];
  }
  if (ref.selector === undefined) return [];
  const selector = selectorFromLabelSelector(ref.selector);
  return reader.list(resource, namespace).filter((object) => selector.matches(object.metadata.labels));
}
