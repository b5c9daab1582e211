import { formatTime, type KubeObject } from '@coxswain/machinery';
import { bootstrapObjects } from '../bootstrap/objects.ts';
import { encodeStored } from '../storage/encode.ts';
import { rememberObject } from '../storage/entry.ts';
import { objectKey } from '../storage/keys.ts';
import type { RegistryContext } from './context.ts';

/** Creates what every server holds and is not there yet, all in one batch of the store. */
export async function createBootstrapObjects(context: RegistryContext): Promise<void> {
  const creationTimestamp = formatTime(context.clock.now());
  const writes: Promise<unknown>[] = [];
  for (const { group, resource, object } of bootstrapObjects()) {
    const served = context.resources.findStored({ group, resource });
    if (served === undefined) continue;
    const { name = '', namespace = '' } = object.metadata;
    const key = objectKey(served.cache.prefix, namespace, name);
    if (served.cache.index.get(key) !== undefined) continue;
    const made: KubeObject = {
      ...object,
      metadata: { ...object.metadata, uid: context.uid(), creationTimestamp },
    };
    const value = encodeStored(made);
    rememberObject(value, made);
    writes.push(context.store.create(key, value));
  }
  await Promise.all(writes);
}
