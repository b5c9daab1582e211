import { parseQuantity } from '@coxswain/machinery';
import { bytes, milliCpu } from '../cm/linux-resources.ts';
import type { Container, Pod } from '../types.ts';

/** What the node knows of a pod that its API object may not say yet. */
export interface PodSurroundings {
  readonly nodeName: string;
  readonly hostIps: readonly string[];
  /** Empty until the sandbox is up. */
  readonly podIps: readonly string[];
  /** The node's allocatable amounts: what a container without a limit could use. */
  readonly allocatable: Readonly<Record<string, string>>;
}

/** The value of a downward API field, such as `metadata.labels['a']` or `status.podIP`. */
export function podField(pod: Pod, path: string, node: PodSurroundings): string {
  const subscript = /^(metadata\.(?:annotations|labels))\['(.*)'\]$/.exec(path);
  if (subscript) {
    const key = subscript[2] ?? '';
    const from = subscript[1] === 'metadata.labels' ? pod.metadata.labels : pod.metadata.annotations;
    return from?.[key] ?? '';
  }
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name ?? '';
    case 'metadata.namespace':
      return pod.metadata.namespace ?? '';
    case 'metadata.uid':
      return pod.metadata.uid ?? '';
    case 'metadata.labels':
      return formatMap(pod.metadata.labels ?? {});
    case 'metadata.annotations':
      return formatMap(pod.metadata.annotations ?? {});
    case 'spec.nodeName':
      return node.nodeName;
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? '';
    case 'status.hostIP':
      return node.hostIps[0] ?? '';
    case 'status.hostIPs':
      return node.hostIps.join(',');
    case 'status.podIP':
      return podIps(pod, node)[0] ?? '';
    case 'status.podIPs':
      return podIps(pod, node).join(',');
    default:
      throw new Error(`unsupported fieldPath: ${path}`);
  }
}

function podIps(pod: Pod, node: PodSurroundings): readonly string[] {
  return pod.spec.hostNetwork ? node.hostIps : node.podIps;
}

/** Sorted `key="value"` lines, as the downward API writes maps. */
function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');
}

/** The value of a downward API resource, such as `limits.cpu`, in units of the divisor, rounded up. */
export function resourceField(
  container: Container,
  resource: string,
  divisor: string | undefined,
  node: PodSurroundings,
): string {
  const [kind = '', ...rest] = resource.split('.');
  const name = rest.join('.');
  if (kind !== 'limits' && kind !== 'requests') {
    throw new Error(`unsupported container resource : ${resource}`);
  }
  const { requests, limits } = container.resources ?? {};
  const own = kind === 'limits' ? limits?.[name] : (requests?.[name] ?? limits?.[name]);
  const quantity = own ?? (kind === 'limits' ? node.allocatable[name] : undefined) ?? '0';
  const unit = divisor === undefined || divisor === '' || divisor === '0' ? '1' : divisor;
  if (name === 'cpu') return String(Math.ceil(milliCpu(quantity) / milliCpu(unit)));
  const per = parseQuantity(unit).value();
  const amount = BigInt(bytes(quantity));
  return String((amount + per - 1n) / per);
}
