import { deepEqual, type KubeObject, newInvalid } from '@coxswain/machinery';
import type {
  AdmissionAttributes,
  AdmissionOperation,
  AdmissionPlugin,
  ObjectReader,
} from '../../contract.ts';
import { isFor, refuse } from '../refuse.ts';
import type { PodLike } from './check.ts';
import { labelErrors, policyOf, policyText, violationReasons, violations } from './policy.ts';

const annotationPrefix = 'pod-security.kubernetes.io/';

/** Where the kinds that make pods hold their template. */
const templates: Readonly<Record<string, (object: KubeObject) => PodLike | undefined>> = {
  '/replicationcontrollers': (o) => o['spec']?.['template'],
  '/podtemplates': (o) => o['template'],
  'apps/replicasets': (o) => o['spec']?.['template'],
  'apps/deployments': (o) => o['spec']?.['template'],
  'apps/statefulsets': (o) => o['spec']?.['template'],
  'apps/daemonsets': (o) => o['spec']?.['template'],
  'batch/jobs': (o) => o['spec']?.['template'],
  'batch/cronjobs': (o) => o['spec']?.['jobTemplate']?.['spec']?.['template'],
};

/** Holds pods to the pod security level of their namespace, and warns of templates that will not do. */
export class PodSecurity implements AdmissionPlugin {
  readonly name = 'PodSecurity';
  readonly #reader: ObjectReader;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE' || operation === 'UPDATE';
  }

  validate(a: AdmissionAttributes): void {
    if (a.object === undefined) return;
    if (isFor(a, '', 'namespaces')) this.#validateNamespace(a, a.object);
    else if (isFor(a, '', 'pods') || isFor(a, '', 'pods', 'ephemeralcontainers'))
      this.#validatePod(a, a.object);
    else if (a.subresource === '') this.#warnOfTemplate(a, a.object);
  }

  #labels(a: AdmissionAttributes): Readonly<Record<string, string>> | undefined {
    return this.#reader.get({ group: '', resource: 'namespaces' }, '', a.namespace)?.metadata.labels;
  }

  #validatePod(a: AdmissionAttributes, pod: KubeObject): void {
    const labels = this.#labels(a);
    if (labels === undefined) return;
    if (a.oldObject !== undefined && a.subresource === '' && !significant(pod, a.oldObject)) return;
    const enforced = policyOf(labels, 'enforce');
    a.audit?.annotate(`${annotationPrefix}enforce-policy`, `${enforced.level}:${enforced.version}`);
    this.#audit(a, labels, pod as unknown as PodLike);
    const faults = violations(enforced, pod as unknown as PodLike);
    if (faults !== '') throw refuse(a, `violates ${policyText(enforced)}: ${faults}`);
    this.#warn(a, labels, pod as unknown as PodLike);
  }

  #warnOfTemplate(a: AdmissionAttributes, object: KubeObject): void {
    const template = templates[`${a.resource.group}/${a.resource.resource}`]?.(object);
    if (template?.spec === undefined) return;
    const labels = this.#labels(a);
    this.#audit(a, labels, template);
    this.#warn(a, labels, template);
  }

  #audit(a: AdmissionAttributes, labels: Readonly<Record<string, string>> | undefined, pod: PodLike): void {
    if (a.audit === undefined) return;
    const policy = policyOf(labels, 'audit');
    const faults = violations(policy, pod);
    if (faults === '') return;
    a.audit.annotate(`${annotationPrefix}audit-violations`, `would violate ${policyText(policy)}: ${faults}`);
  }

  #warn(a: AdmissionAttributes, labels: Readonly<Record<string, string>> | undefined, pod: PodLike): void {
    const policy = policyOf(labels, 'warn');
    const faults = violations(policy, pod);
    if (faults !== '') a.warn(`would violate ${policyText(policy)}: ${faults}`);
  }

  #validateNamespace(a: AdmissionAttributes, namespace: KubeObject): void {
    const { labels, name = '' } = namespace.metadata;
    const errors = labelErrors(labels);
    const before = a.oldObject?.metadata.labels;
    // an old fault does not keep others from changing the namespace
    if (errors.length > 0 && (a.oldObject === undefined || labelErrors(before).length === 0)) {
      throw newInvalid(a.kind, name, errors);
    }
    if (a.oldObject === undefined) return;
    const [now, was] = [policyOf(labels, 'enforce'), policyOf(before, 'enforce')];
    if (deepEqual(now, was) || now.level === 'privileged') return;
    this.#warnOfPods(a, name, now);
  }

  #warnOfPods(a: AdmissionAttributes, namespace: string, policy: ReturnType<typeof policyOf>): void {
    const byFault = new Map<string, string[]>();
    for (const pod of this.#reader.list({ group: '', resource: 'pods' }, namespace)) {
      const faults = violationReasons(policy, pod as unknown as PodLike);
      if (faults === '') continue;
      byFault.set(faults, [...(byFault.get(faults) ?? []), pod.metadata.name ?? '']);
    }
    if (byFault.size === 0) return;
    const level = `"${policy.level}:${policy.version}"`;
    a.warn(`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level ${level}`);
    for (const [faults, [first = '', ...others]] of [...byFault].sort(
      ([, x], [, y]) => y.length - x.length,
    )) {
      const more =
        others.length === 0 ? '' : ` (and ${others.length} other ${others.length === 1 ? 'pod' : 'pods'})`;
      a.warn(`${first}${more}: ${faults}`);
    }
  }
}

/** Updates of what the rules look at; pods change little else that could break one. */
function significant(pod: KubeObject, old: KubeObject): boolean {
  return (
    !deepEqual(pod['spec'], old['spec']) ||
    !deepEqual(pod.metadata.annotations ?? {}, old.metadata.annotations ?? {})
  );
}
