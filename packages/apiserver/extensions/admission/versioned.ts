import { convert } from '@coxswain/api';
import { apiVersionOf, type KubeObject } from '@coxswain/machinery';
import type { AdmissionAttributes, EquivalentResource } from '../../access/contract.ts';

/** The resource that rules matched a request by: its own, or an equivalent of it. */
export type MatchedResource = EquivalentResource | 'own';

/** A request as the resource that was matched shows it. */
export function versioned(
  a: AdmissionAttributes,
  matched: MatchedResource,
): AdmissionAttributes | Promise<AdmissionAttributes> {
  if (matched === 'own') return inOwnVersion(a);
  const show = (object: KubeObject | undefined): KubeObject | undefined | Promise<KubeObject> =>
    object === undefined ? undefined : matched.show(object);
  const made = (object: KubeObject | undefined, oldObject: KubeObject | undefined): AdmissionAttributes => ({
    ...a,
    kind: matched.kind,
    resource: matched.resource,
    type: matched.type,
    requested: { kind: a.kind, resource: a.resource },
    object,
    oldObject,
  });
  const [object, oldObject] = [show(a.object), show(a.oldObject)];
  if (!(object instanceof Promise) && !(oldObject instanceof Promise)) return made(object, oldObject);
  return Promise.all([object, oldObject]).then(([now, before]) => made(now, before));
}

/** Built-in objects are made in the version that is stored; whoever is asked about them sees the request's. */
function inOwnVersion(a: AdmissionAttributes): AdmissionAttributes {
  const apiVersion = apiVersionOf(a.kind);
  const isOther = (object: KubeObject | undefined): boolean =>
    object !== undefined && object.apiVersion !== apiVersion && object.kind === a.kind.kind;
  if (a.type !== undefined || !(isOther(a.object) || isOther(a.oldObject))) return a;
  const show = (object: KubeObject | undefined): KubeObject | undefined =>
    object !== undefined && isOther(object) ? convert(object, apiVersion) : object;
  return { ...a, object: show(a.object), oldObject: show(a.oldObject) };
}

/** Runs on a value at once, or when it is there. */
export function whenReady<T, U>(value: T | Promise<T>, next: (value: T) => U | Promise<U>): U | Promise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
