import type { KubeObject } from '@coxswain/machinery';

const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/';

type Container = { readonly name: string; readonly image?: string };

/** Whether a pod's change may make it break a rule: images, containers and profiles may change, little else. */
export function isSignificant(pod: KubeObject, old: KubeObject): boolean {
  if (annotation(pod, seccompOfPod) !== annotation(old, seccompOfPod)) return true;
  return (
    changed(pod, old, 'containers') ||
    changed(pod, old, 'initContainers') ||
    containersOf(pod, 'ephemeralContainers').some((container) => {
      const before = containersOf(old, 'ephemeralContainers').find(({ name }) => name === container.name);
      return before === undefined || differs(container, before, pod, old);
    })
  );
}

function changed(pod: KubeObject, old: KubeObject, field: string): boolean {
  const [now, before] = [containersOf(pod, field), containersOf(old, field)];
  if (now.length !== before.length) return true;
  return now.some((container, i) => differs(container, before[i] as Container, pod, old));
}

function differs(container: Container, before: Container, pod: KubeObject, old: KubeObject): boolean {
  if (container.image !== before.image) return true;
  const key = `${seccompOfContainer}${container.name}`;
  return annotation(pod, key) !== annotation(old, key);
}

function containersOf(pod: KubeObject, field: string): readonly Container[] {
  return pod['spec']?.[field] ?? [];
}

function annotation(pod: KubeObject, key: string): string {
  return pod.metadata.annotations?.[key] ?? '';
}
