import type { Json } from '../validation/values.ts';

/** DropDisabledPodFields: members whose feature is off in this release are not kept. */
export function dropDisabledPodFields(spec: Json): void {
  for (const list of ['containers', 'initContainers', 'ephemeralContainers']) {
    for (const container of spec[list] ?? []) if (container.lifecycle) delete container.lifecycle.stopSignal;
  }
  for (const volume of spec['volumes'] ?? []) {
    for (const source of volume.projected?.sources ?? []) {
      delete source.clusterTrustBundle;
      delete source.podCertificate;
    }
  }
  delete spec['workloadRef'];
  delete spec['schedulingGroup'];
}
