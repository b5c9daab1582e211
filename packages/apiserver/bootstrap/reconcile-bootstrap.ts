import type { Transport } from '@coxswain/client';
import {
  type Clock,
  copyJson,
  formatTime,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type KubeObject,
} from '@coxswain/machinery';
import type { ObjectReader } from '../access/contract.ts';
import { authenticationConfigMap, type RequestHeaderOptions } from './authentication-config-map.ts';
import { type BootstrapObject, bootstrapObjects } from './objects.ts';
import { reconcile } from './reconcile-policy.ts';

/** What the reconciliation works with. */
export interface BootstrapOptions {
  /** As `system:apiserver`. */
  readonly transport: Transport;
  readonly reader: ObjectReader;
  readonly clock: Clock;
  /** PEM by which clients' certificates are verified; absent without `--client-ca-file`. */
  readonly clientCa?: string;
  readonly requestHeader?: RequestHeaderOptions;
}

/**
 * Makes the objects of bootstrap policy be there: creates what is missing and mends what an older release or
 * an accident left. Objects that are as they should be cost a look into the watch cache.
 */
export async function reconcileBootstrap(options: BootstrapOptions): Promise<void> {
  const all = [...bootstrapObjects(), ...ownConfigMaps(options)];
  const namespaces = all.filter((item) => item.resource === 'namespaces');
  await Promise.all(namespaces.map((item) => ensure(options, item)));
  await Promise.all(
    all.filter((item) => item.resource !== 'namespaces').map((item) => ensure(options, item)),
  );
}

function ownConfigMaps({ clientCa, requestHeader, clock }: BootstrapOptions): BootstrapObject[] {
  const object = (name: string, data: Record<string, string>): BootstrapObject => ({
    group: '',
    version: 'v1',
    resource: 'configmaps',
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'kube-system' }, data },
  });
  return [
    object('extension-apiserver-authentication', authenticationConfigMap(clientCa, requestHeader)),
    object('kube-apiserver-legacy-service-account-token-tracking', {
      since: formatTime(clock.now()).slice(0, 10),
    }),
  ];
}

async function ensure(options: BootstrapOptions, item: BootstrapObject): Promise<void> {
  const { group, resource, object } = item;
  const { namespace = '', name = '' } = object.metadata;
  const found = options.reader.get({ group, resource }, namespace, name);
  if (found === undefined) return create(options, item);
  const step = resource === 'configmaps' ? mendConfigMap(object, found) : reconcile(object, found);
  if (step.action === 'update') await update(options, item, step.object);
  else if (step.action === 'recreate') {
    await remove(options, item);
    await create(options, item);
  }
}

/** What clients verify by follows the flags; the tracking date stays as it is. */
function mendConfigMap(wanted: KubeObject, found: KubeObject): ReturnType<typeof reconcile> {
  if (found.metadata.name !== 'extension-apiserver-authentication') return { action: 'keep' };
  const data = { ...found['data'], ...wanted['data'] };
  const same = Object.entries(data).every(([key, value]) => found['data']?.[key] === value);
  return same ? { action: 'keep' } : { action: 'update', object: { ...found, data } };
}

function at({ group, version, resource, object }: BootstrapObject) {
  const { namespace } = object.metadata;
  return { group, version, resource, ...(namespace === undefined ? {} : { namespace }) };
}

async function create(options: BootstrapOptions, item: BootstrapObject): Promise<void> {
  const body = withTimes(copyJson(item.object) as KubeObject, formatTime(options.clock.now()));
  try {
    const created = await options.transport.request({ ...at(item), verb: 'create', body });
    // creation drops a status; flow control's says that the schema's priority level exists
    if (item.resource === 'flowschemas') await writeStatus(options, item, created, body['status']);
  } catch (error) {
    // another server was quicker
    if (!isAlreadyExists(error)) throw error;
  }
}

async function writeStatus(
  options: BootstrapOptions,
  item: BootstrapObject,
  created: object,
  status: unknown,
): Promise<void> {
  const name = item.object.metadata.name ?? '';
  const body = { ...created, status };
  await options.transport.request({ ...at(item), verb: 'update', subresource: 'status', name, body });
}

async function update(options: BootstrapOptions, item: BootstrapObject, body: KubeObject): Promise<void> {
  try {
    await options.transport.request({ ...at(item), verb: 'update', name: body.metadata.name ?? '', body });
  } catch (error) {
    // another server does the same, or an administrator has the last word
    if (!isConflict(error) && !isNotFound(error)) throw error;
  }
}

async function remove(options: BootstrapOptions, item: BootstrapObject): Promise<void> {
  try {
    await options.transport.request({ ...at(item), verb: 'delete', name: item.object.metadata.name ?? '' });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Conditions begin now. */
function withTimes(object: KubeObject, now: string): KubeObject {
  for (const condition of object['status']?.['conditions'] ?? []) condition['lastTransitionTime'] = now;
  return object;
}
