import type { KubeObject } from '@coxswain/machinery';

/** A PriorityLevelConfiguration as the server works with it. */
export interface LevelConfig {
  readonly name: string;
  readonly uid: string;
  /** Requests are counted but never wait. */
  readonly exempt: boolean;
  /** nominalConcurrencyShares. */
  readonly shares: number;
  readonly lendablePercent: number;
  /** Absent: as much as there is. */
  readonly borrowingLimitPercent: number | undefined;
  /** 0 where requests that find no seat are refused at once. */
  readonly queues: number;
  readonly handSize: number;
  readonly queueLengthLimit: number;
}

export interface Subject {
  readonly kind: string;
  readonly user?: { readonly name: string };
  readonly group?: { readonly name: string };
  readonly serviceAccount?: { readonly name: string; readonly namespace: string };
}

export interface ResourceRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly clusterScope?: boolean;
  readonly namespaces?: readonly string[];
}

export interface NonResourceRule {
  readonly verbs: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

export interface PolicyRules {
  readonly subjects: readonly Subject[];
  readonly resourceRules?: readonly ResourceRule[];
  readonly nonResourceRules?: readonly NonResourceRule[];
}

/** A FlowSchema as the server works with it. */
export interface SchemaConfig {
  readonly name: string;
  readonly uid: string;
  /** Lower ones are asked first. */
  readonly precedence: number;
  readonly level: string;
  /** ByUser, ByNamespace; '' where all requests are one flow. */
  readonly distinguisher: string;
  readonly rules: readonly PolicyRules[];
}

/** API defaults of a limited level. */
const defaultShares = 30;
const defaultPrecedence = 1000;

export function levelConfig(object: KubeObject): LevelConfig {
  const spec = object['spec'] ?? {};
  const exempt = spec.type === 'Exempt';
  const part = (exempt ? spec.exempt : spec.limited) ?? {};
  const response = part.limitResponse ?? {};
  const queuing = response.type === 'Queue' ? (response.queuing ?? {}) : undefined;
  return {
    name: object.metadata.name ?? '',
    uid: object.metadata.uid ?? '',
    exempt,
    shares: part.nominalConcurrencyShares ?? (exempt ? 0 : defaultShares),
    lendablePercent: part.lendablePercent ?? 0,
    borrowingLimitPercent: part.borrowingLimitPercent,
    queues: queuing === undefined ? 0 : (queuing.queues ?? 64),
    handSize: queuing?.handSize ?? 8,
    queueLengthLimit: queuing?.queueLengthLimit ?? 50,
  };
}

export function schemaConfig(object: KubeObject): SchemaConfig {
  const spec = object['spec'] ?? {};
  return {
    name: object.metadata.name ?? '',
    uid: object.metadata.uid ?? '',
    precedence: spec.matchingPrecedence ?? defaultPrecedence,
    level: spec.priorityLevelConfiguration?.name ?? '',
    distinguisher: spec.distinguisherMethod?.type ?? '',
    rules: spec.rules ?? [],
  };
}

/** Schemas in the order in which they are asked: by precedence, equal ones by name. */
export function inOrder(schemas: readonly SchemaConfig[]): SchemaConfig[] {
  return [...schemas].sort((a, b) => a.precedence - b.precedence || (a.name < b.name ? -1 : 1));
}
