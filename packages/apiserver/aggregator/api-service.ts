import {
  copyJson,
  deepEqual,
  formatTime,
  type GroupVersionResource,
  type KubeObject,
} from '@coxswain/machinery';

export const apiServices: GroupVersionResource = {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  resource: 'apiservices',
};

/** Who keeps an APIService: `onstart` or `true`, the server itself; absent for those of administrators. */
export const autoManagedLabel = 'kube-aggregator.kubernetes.io/automanaged';

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** The version of an API group, and who serves it. */
export interface ApiService extends KubeObject {
  readonly spec: {
    readonly group?: string;
    readonly version: string;
    readonly groupPriorityMinimum: number;
    readonly versionPriority: number;
    /** Absent for what this server serves itself. */
    readonly service?: Partial<ServiceReference> | null;
    /** Base64 of PEM. */
    readonly caBundle?: string | null;
    readonly insecureSkipTLSVerify?: boolean;
  };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** What is known of an APIService's availability. */
export type Availability = Required<Pick<Condition, 'status' | 'reason' | 'message'>>;

export const localAvailability: Availability = {
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
};

export function isAvailable(service: ApiService): boolean {
  return service.status?.conditions?.find((one) => one.type === 'Available')?.status === 'True';
}

/** The service that serves a version; undefined where it is this server. */
export function referenceOf({ spec }: ApiService): ServiceReference | undefined {
  const { service } = spec;
  if (service == null) return undefined;
  return { namespace: service.namespace ?? '', name: service.name ?? '', port: service.port ?? 443 };
}

/** `v1.apps`; the core group's is `v1.`. */
export function apiServiceName(group: string, version: string): string {
  return `${version}.${group}`;
}

/** A copy that says so; undefined where it does already. The time moves with the status only. */
export function withAvailability(
  service: ApiService,
  availability: Availability,
  now: number,
): ApiService | undefined {
  const conditions = [...(service.status?.conditions ?? [])];
  const at = conditions.findIndex((one) => one.type === 'Available');
  const before = conditions[at];
  const lastTransitionTime =
    before?.status === availability.status && before.lastTransitionTime !== undefined
      ? before.lastTransitionTime
      : formatTime(now);
  const after: Condition = { ...before, type: 'Available', ...availability, lastTransitionTime };
  if (before !== undefined && deepEqual(before, after)) return undefined;
  if (before === undefined) conditions.push(after);
  else conditions[at] = after;
  return { ...(copyJson(service) as ApiService), status: { ...service.status, conditions } };
}
