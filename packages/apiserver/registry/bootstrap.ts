import { formatTime, type KubeObject } from '@coxswain/machinery';
import type { ObjectReader } from '../access/contract.ts';
import type { RequestHeaderOptions } from '../bootstrap/authentication-config-map.ts';
import type { BootstrapObject } from '../bootstrap/objects.ts';
import { planBootstrap } from '../bootstrap/plan-bootstrap.ts';
import { encodeStored } from '../storage/encode.ts';
import { rememberObject } from '../storage/entry.ts';
import { objectKey } from '../storage/keys.ts';
import { inStoredOrder } from '../storage/member-order.ts';
import type { RegistryContext } from './context.ts';
import { managedByServer, type ServerManagers } from './managed-fields/server-managed.ts';

/**
 * Makes the objects that every server holds be there, all in one batch of the store. What another server
 * wrote in the meantime stays as it wrote it.
 * @param clientCa PEM by which clients' certificates are verified; `''` for none
 * @param requestHeader how front proxies tell whom they speak for; absent: there are none
 */
export async function createBootstrapObjects(
  context: RegistryContext,
  reader: ObjectReader,
  clientCa: string,
  requestHeader?: RequestHeaderOptions,
): Promise<void> {
  const now = context.clock.now();
  const plan = planBootstrap(reader, {
    now,
    clientCa,
    ...(requestHeader === undefined ? {} : { requestHeader }),
  });
  await Promise.all([
    ...plan.create.map((item) => create(context, item, formatTime(now))),
    ...plan.update.map((item) => update(context, item)),
  ]);
}

async function create(context: RegistryContext, item: BootstrapObject, now: string): Promise<void> {
  const served = context.resources.findStored(item);
  if (served === undefined) return;
  const { name = '', namespace = '' } = item.object.metadata;
  const object: KubeObject = {
    ...item.object,
    metadata: { ...item.object.metadata, uid: context.uid(), creationTimestamp: now },
  };
  const managed = inStoredOrder(managedByServer(served, object, now, managersOf(item)));
  const value = encodeStored(managed);
  rememberObject(value, managed);
  await context.store.create(objectKey(served.cache.prefix, namespace, name), value);
}

/** Flow control has managers of its own; a namespace is filled in when it is made. */
function managersOf({ object }: BootstrapObject): ServerManagers | undefined {
  switch (object.kind) {
    case 'FlowSchema':
      return {
        manager: 'api-priority-and-fairness-config-producer-v1',
        status: { manager: 'api-priority-and-fairness-config-consumer-v1', operation: 'Apply' },
      };
    case 'PriorityLevelConfiguration':
      return { manager: 'api-priority-and-fairness-config-producer-v1' };
    case 'APIService':
      return { status: { manager: 'kube-apiserver', operation: 'Update' } };
    case 'Namespace':
      return { filledIn: ['spec'] };
    default:
      return undefined;
  }
}

async function update(context: RegistryContext, { group, resource, object }: BootstrapObject): Promise<void> {
  const served = context.resources.findStored({ group, resource });
  if (served === undefined) return;
  const { name = '', namespace = '', resourceVersion = '0' } = object.metadata;
  const key = objectKey(served.cache.prefix, namespace, name);
  await context.store.update(key, encodeStored(inStoredOrder(object)), Number(resourceVersion));
}
