import type { KubeObject } from '@coxswain/machinery';

/**
 * The class that is marked as the default one; the newest where several are, the first by name among
 * equally old ones.
 * @param annotations any of them being `true` marks a class
 */
export function defaultClass(
  classes: readonly KubeObject[],
  annotations: readonly string[],
): KubeObject | undefined {
  const marked = classes.filter((c) => annotations.some((key) => c.metadata.annotations?.[key] === 'true'));
  return marked.sort(newestFirst)[0];
}

function newestFirst(a: KubeObject, b: KubeObject): number {
  const [left, right] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (left !== right) return left > right ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}
