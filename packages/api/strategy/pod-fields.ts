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

/** The same for the templates of workloads, wherever the kind keeps its. */
export function dropDisabledTemplateFields(object: Json): void {
  const template: Json | undefined =
    object['spec']?.template ?? object['spec']?.jobTemplate?.spec?.template ?? object['template'];
  if (typeof template?.['spec'] === 'object') dropDisabledPodFields(template['spec']);
}
