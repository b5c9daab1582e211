import type { KubeObject } from '@coxswain/machinery';
import type { ControllerContext } from '../shared/context.ts';
import {
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  volumeAttributesClasses,
} from '../shared/resources.ts';
import { InUseProtection } from './in-use-protection.ts';

/** Keeps claims while a pod on a node uses them. */
export function pvcProtectionController(context: ControllerContext): InUseProtection {
  const informer = context.informers.informer(pods);
  const controller = new InUseProtection(context, {
    name: 'persistentvolumeclaim-protection-controller',
    resource: persistentVolumeClaims,
    finalizer: 'kubernetes.io/pvc-protection',
    inUse: async ({ metadata: { name, namespace } }, fresh) => {
      const all = fresh
        ? (await context.client.resource(pods, namespace).list()).items
        : informer.lister.list(namespace);
      return all.some((pod) => pod['spec'].nodeName && claimsOf(pod).includes(name as string));
    },
  });
  const left = (pod: KubeObject): void => {
    for (const claim of claimsOf(pod)) controller.lookAt(`${pod.metadata.namespace}/${claim}`);
  };
  informer.addHandler({ onAdd: () => {}, onUpdate: () => {}, onDelete: left });
  return controller;
}

/** Keeps volumes while a claim is bound to them. */
export function pvProtectionController(context: ControllerContext): InUseProtection {
  return new InUseProtection(context, {
    name: 'persistentvolume-protection-controller',
    resource: persistentVolumes,
    finalizer: 'kubernetes.io/pv-protection',
    inUse: async (volume) => volume['status']?.phase === 'Bound',
  });
}

/** Keeps classes of volume attributes while a claim or a volume names them. */
export function vacProtectionController(context: ControllerContext): InUseProtection {
  const users = [persistentVolumeClaims, persistentVolumes].map((resource) => ({
    resource,
    informer: context.informers.informer(resource),
  }));
  const controller = new InUseProtection(context, {
    name: 'volumeattributesclass-protection-controller',
    resource: volumeAttributesClasses,
    finalizer: 'kubernetes.io/vac-protection',
    inUse: async ({ metadata: { name } }, fresh) => {
      for (const { resource, informer } of users) {
        const all = fresh ? (await context.client.resource(resource).list()).items : informer.lister.list();
        if (all.some((user) => classesOf(user).includes(name as string))) return true;
      }
      return false;
    },
  });
  for (const { informer } of users) {
    informer.addHandler({
      onAdd: () => {},
      onUpdate: (before, after) => {
        if (classesOf(before).join() !== classesOf(after).join()) controller.lookAtAllLeaving();
      },
      onDelete: () => controller.lookAtAllLeaving(),
    });
  }
  return controller;
}

/** The claims that a pod mounts, those made for it included. */
function claimsOf(pod: KubeObject): string[] {
  const volumes: { name: string; persistentVolumeClaim?: { claimName: string }; ephemeral?: object }[] =
    pod['spec'].volumes ?? [];
  return volumes.flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName];
    return ephemeral ? [`${pod.metadata.name}-${name}`] : [];
  });
}

/** The classes that a claim or volume has, wants or is on the way to. */
function classesOf({ spec, status }: KubeObject): string[] {
  const names: (string | undefined)[] = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return names.filter((name) => name !== undefined);
}
