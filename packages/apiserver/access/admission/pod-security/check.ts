import { goQuote, type ObjectMeta } from '@coxswain/machinery';

/** A pod or a pod template. */
export interface PodLike {
  readonly metadata?: ObjectMeta;
  readonly spec: Readonly<Record<string, any>>;
}

/** Why a pod breaks a rule: what it is, and who sets what. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

export type Rule = (pod: PodLike) => Violation | undefined;

/** What a check asks of pods from a release on. */
export interface VersionedRule {
  /** The minor version of the first 1.x release. */
  readonly since: number;
  readonly rule: Rule;
  /** Checks of level `baseline` that it takes the place of. */
  readonly overrides?: readonly string[];
}

/** One check of the pod security standards. */
export interface Check {
  /** Faults are told in the order of these. */
  readonly id: string;
  /** Oldest first. */
  readonly versions: readonly VersionedRule[];
}

export function joinQuote(items: Iterable<string>): string {
  return [...items].map(goQuote).join(', ');
}

/** The same of a set, in order. */
export function sortedQuote(items: ReadonlySet<string>): string {
  return joinQuote([...items].sort());
}

export function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}

/** `container "a"`, `containers "a", "b"`. */
export function containerList(names: readonly string[]): string {
  return `${plural('container', names.length)} ${joinQuote(names)}`;
}

/** Names of the containers of which something holds: init containers first, ephemeral ones last. */
export function each(spec: PodLike['spec'], holds: (container: Record<string, any>) => boolean): string[] {
  const all = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((field) => spec[field] ?? []);
  return all.filter(holds).map((container) => container['name']);
}

/** Who sets forbidden values, and which. */
export interface Setters {
  readonly names: string[];
  readonly values: Set<string>;
}

/** Looks at the security context of the pod and those of its containers. `bad` gives the forbidden value. */
export function setters(
  spec: PodLike['spec'],
  bad: (context: Record<string, any> | undefined) => string | undefined,
): Setters {
  const found: Setters = { names: [], values: new Set() };
  const ofPod = bad(spec['securityContext']);
  if (ofPod !== undefined) {
    found.names.push('pod');
    found.values.add(ofPod);
  }
  const names = each(spec, (container) => {
    const value = bad(container['securityContext']);
    if (value !== undefined) found.values.add(value);
    return value !== undefined;
  });
  if (names.length > 0) found.names.push(containerList(names));
  return found;
}

/** Whether root in the pod is nobody on its node. */
export function hasOwnUsers(spec: PodLike['spec']): boolean {
  return spec['hostUsers'] === false;
}
