import { eachContainer } from '../authorization/node/object-refs.ts';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from '../contract.ts';
import { isFor } from './refuse.ts';

/** Makes every image be pulled with the pod's own credentials, so that nobody runs a private one by its name. */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  handles: (operation: AdmissionOperation) => operation === 'CREATE' || operation === 'UPDATE',
  admit(a: AdmissionAttributes): void {
    const concerned = isFor(a, '', 'pods') || isFor(a, '', 'pods', 'ephemeralcontainers');
    if (!concerned || a.object === undefined) return;
    const before = new Set<string>();
    if (a.oldObject !== undefined) eachContainer(a.oldObject, (c) => before.add(c['image']));
    eachContainer(a.object, (container) => {
      // what ran before the plugin was enabled may be updated in other ways
      if (!before.has(container['image'])) container['imagePullPolicy'] = 'Always';
    });
    for (const volume of a.object['spec']?.['volumes'] ?? []) {
      if (volume['image'] && a.oldObject === undefined) volume['image']['pullPolicy'] = 'Always';
    }
  },
};
