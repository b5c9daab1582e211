import type { Health } from './health.ts';

/** Steps of a start that upstream names and this server takes too, in upstream's order; one list for each stage. */
const steps = {
  objects: [
    'rbac/bootstrap-roles',
    'scheduling/bootstrap-system-priority-classes',
    'start-system-namespaces-controller',
  ],
  identity: [
    'start-kube-apiserver-identity-lease-controller',
    'start-kube-apiserver-identity-lease-garbage-collector',
  ],
  definitions: ['start-apiextensions-controllers', 'crd-informer-synced'],
  flowControl: [
    'priority-and-fairness-config-consumer',
    'priority-and-fairness-config-producer',
    'priority-and-fairness-filter',
  ],
  services: [
    'bootstrap-controller',
    'start-service-ip-repair-controllers',
    'start-kubernetes-service-cidr-controller',
  ],
} as const;

/** Ends the stage of that name. */
export type StartSteps = Readonly<Record<keyof typeof steps, () => void>>;

/** Adds the steps of the start to the health checks; each fails until its stage is over. */
export function addStartSteps(health: Health): StartSteps {
  const stage = (names: readonly string[]): (() => void) => {
    const ends = names.map((name) => health.addStart(name));
    return () => {
      for (const end of ends) end();
    };
  };
  return {
    flowControl: stage(steps.flowControl),
    definitions: stage(steps.definitions),
    objects: stage(steps.objects),
    identity: stage(steps.identity),
    services: stage(steps.services),
  };
}
