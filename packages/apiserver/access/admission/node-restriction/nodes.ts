import { deepEqual, goQuote } from '@coxswain/machinery';
import type { AdmissionAttributes } from '../../contract.ts';
import { refuse } from '../refuse.ts';

const restriction = 'node-restriction.kubernetes.io';

/** Labels with a Kubernetes prefix that kubelets set themselves. */
const kubeletLabels: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);
const kubeletNamespaces = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

/** A kubelet writes its own Node, and there neither taints nor labels that steer pods to it. */
export function restrictNode(node: string, a: AdmissionAttributes): void {
  const name = a.name === '' && a.operation === 'CREATE' ? (a.object?.metadata.name ?? '') : a.name;
  if (name !== node) throw refuse(a, `node ${goQuote(node)} is not allowed to modify node ${goQuote(name)}`);
  if (a.object === undefined) return;
  const { spec = {}, metadata } = a.object as Record<string, any>;
  if (a.operation === 'CREATE') {
    if (spec['configSource']) {
      throw refuse(a, `node ${goQuote(node)} is not allowed to create pods with a non-nil configSource`);
    }
    const forbidden = forbiddenLabels(metadata['labels'], undefined);
    if (forbidden.length > 0) {
      const list = forbidden.join(', ');
      throw refuse(a, `node ${goQuote(node)} is not allowed to set the following labels: ${list}`);
    }
  } else if (a.operation === 'UPDATE') {
    const old: Record<string, any> = a.oldObject ?? {};
    if (spec['configSource'] && !deepEqual(spec['configSource'], old['spec']?.['configSource'])) {
      const cause = 'is not allowed to update configSource to a new non-nil configSource';
      throw refuse(a, `node ${goQuote(node)} ${cause}`);
    }
    if (!deepEqual(spec['taints'] ?? [], old['spec']?.['taints'] ?? [])) {
      throw refuse(a, `node ${goQuote(node)} is not allowed to modify taints`);
    }
    const forbidden = forbiddenLabels(metadata['labels'], old['metadata']?.['labels']);
    if (forbidden.length > 0) throw refuse(a, `is not allowed to modify labels: ${forbidden.join(', ')}`);
  }
}

type Labels = Readonly<Record<string, string>> | undefined;

function forbiddenLabels(now: Labels, before: Labels): string[] {
  const keys = new Set([...Object.keys(now ?? {}), ...Object.keys(before ?? {})]);
  return [...keys].filter((key) => now?.[key] !== before?.[key] && isForbidden(key)).sort();
}

function within(namespace: string, domain: string): boolean {
  return namespace === domain || namespace.endsWith(`.${domain}`);
}

function isForbidden(key: string): boolean {
  const slash = key.indexOf('/');
  const namespace = slash < 0 ? '' : key.slice(0, slash);
  if (within(namespace, restriction)) return true;
  const ofKubernetes = within(namespace, 'kubernetes.io') || within(namespace, 'k8s.io');
  return ofKubernetes && !kubeletLabels.has(key) && !kubeletNamespaces.some((own) => within(namespace, own));
}
