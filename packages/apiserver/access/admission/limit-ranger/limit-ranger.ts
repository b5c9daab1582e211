import { podLimits, podRequests } from '@coxswain/api';
import type { KubeObject, Quantity } from '@coxswain/machinery';
import type {
  AdmissionAttributes,
  AdmissionOperation,
  AdmissionPlugin,
  ObjectReader,
} from '../../contract.ts';
import { refuse } from '../refuse.ts';
import { brokenBounds, brokenClaimBounds, type LimitItem } from './constraints.ts';
import { applyLimitDefaults } from './defaults.ts';

const limitRanges = { group: '', resource: 'limitranges' } as const;

/** Holds pods and claims to the LimitRanges of their namespace, and gives containers these' defaults. */
export class LimitRanger implements AdmissionPlugin {
  readonly name = 'LimitRanger';
  readonly #reader: ObjectReader;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE' || operation === 'UPDATE';
  }

  admit(a: AdmissionAttributes): void {
    if (!concerns(a) || a.object === undefined || a.kind.kind !== 'Pod' || a.subresource !== '') return;
    for (const items of this.#limits(a)) applyLimitDefaults(a.object, items);
  }

  validate(a: AdmissionAttributes): void {
    if (!concerns(a) || a.object === undefined) return;
    if (a.oldObject?.metadata.deletionTimestamp !== undefined) return;
    for (const items of this.#limits(a)) {
      const faults = a.kind.kind === 'Pod' ? podFaults(a.object, items) : claimFaults(a.object, items);
      const texts = [...new Set(faults)];
      if (texts.length > 0)
        throw refuse(a, texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`);
    }
  }

  #limits(a: AdmissionAttributes): (readonly LimitItem[])[] {
    return this.#reader
      .list(limitRanges, a.namespace)
      .map((range) => (range['spec']?.['limits'] ?? []) as readonly LimitItem[]);
  }
}

/** Containers never change after creation but by `resize`, so that looking at updates would be in vain. */
function concerns(a: AdmissionAttributes): boolean {
  if (a.resource.group !== '') return false;
  if (a.resource.resource === 'persistentvolumeclaims') return a.subresource === '';
  if (a.resource.resource !== 'pods') return false;
  return a.operation === 'CREATE' ? a.subresource === '' : a.subresource === 'resize';
}

function podFaults(pod: KubeObject, items: readonly LimitItem[]): string[] {
  const spec = pod['spec'];
  const containers = [...(spec['containers'] ?? []), ...(spec['initContainers'] ?? [])];
  return items.flatMap((item) => {
    if (item.type === 'Container') {
      return containers.flatMap((container: Record<string, any>) =>
        brokenBounds(item, 'Container', {
          requests: container['resources']?.['requests'],
          limits: container['resources']?.['limits'],
        }),
      );
    }
    if (item.type !== 'Pod') return [];
    return brokenBounds(item, 'Pod', { requests: texts(podRequests(spec)), limits: texts(podLimits(spec)) });
  });
}

function texts(quantities: Readonly<Record<string, Quantity>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(quantities).map(([name, quantity]) => [name, quantity.toString()]),
  );
}

function claimFaults(claim: KubeObject, items: readonly LimitItem[]): string[] {
  return items
    .filter((item) => item.type === 'PersistentVolumeClaim')
    .flatMap((item) => brokenClaimBounds(item, claim['spec']?.['resources']?.['requests']));
}
