import type { ObjectMeta } from '@coxswain/machinery';

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

/** One rule of the pod security standards. */
export interface Check {
  readonly id: string;
  readonly run: (pod: PodLike) => Violation | undefined;
}

export function joinQuote(items: readonly string[]): string {
  return items.map((item) => JSON.stringify(item)).join(', ');
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
