import { privilegeFaults } from '@coxswain/api';
import type { Specials } from '../specials.ts';

const pods = { group: '', resource: 'pods' };
const core = ['pods', 'podtemplates', 'replicationcontrollers'];
const apps = ['daemonsets', 'deployments', 'replicasets', 'statefulsets'];
const batch = ['cronjobs', 'jobs'];
const holders = [
  ...core.map((resource) => ({ group: '', resource, key: resource })),
  ...apps.map((resource) => ({ group: 'apps', resource, key: `${resource}.apps` })),
  ...batch.map((resource) => ({ group: 'batch', resource, key: `${resource}.batch` })),
];

/** Refuses privileged containers, in pods and in what makes pods (`--allow-privileged=false`). */
export function forbidPrivileges(specials: Specials): void {
  for (const { key, ...resource } of holders) {
    const hooks = specials.hooksOf(resource);
    specials.setHooks(key, {
      ...hooks,
      validate: (object, old) => [...(hooks.validate?.(object, old) ?? []), ...privilegeFaults(object)],
    });
  }
  // containers that are put into running pods
  const hooks = specials.hooksOf(pods);
  specials.setHooks('pods', {
    ...hooks,
    permit: async (context, request, object, old) => [
      ...((await hooks.permit?.(context, request, object, old)) ?? []),
      ...(request.subresource === 'ephemeralcontainers' ? privilegeFaults(object) : []),
    ],
  });
}
