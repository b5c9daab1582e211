import { goQuote, isQualifiedName, type KubeObject } from '@coxswain/machinery';

/** Names without a domain that Kubernetes itself gives finalizers. */
const standard: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** What the writer of a custom object is warned of: new finalizers whose names others might choose, too. */
export function finalizerWarnings(object: KubeObject, old: KubeObject | undefined): readonly string[] {
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.length === 0) return finalizers;
  const before = old?.metadata.finalizers ?? [];
  const added = [...new Set(finalizers)].filter((name) => !before.includes(name)).sort();
  return added.flatMap((name) =>
    faultsOf(name).map((fault) => `metadata.finalizers: ${goQuote(name)}: ${fault}`),
  );
}

function faultsOf(name: string): string[] {
  const faults = [...isQualifiedName(name)];
  if (!name.includes('/') && !standard.has(name)) {
    const wanted = name.includes('.') ? 'finalizer name including a path (/)' : 'finalizer name';
    faults.push(
      `prefer a domain-qualified ${wanted} to avoid accidental conflicts with other finalizer writers`,
    );
  }
  return faults;
}
