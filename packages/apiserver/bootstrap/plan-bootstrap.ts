import { copyJson, deepEqual, formatTime, type KubeObject } from '@coxswain/machinery';
import { combineTrust } from '../access/authentication/front-proxy/combine-trust.ts';
import type { ObjectReader } from '../access/contract.ts';
import { localAvailability } from '../aggregator/api-service.ts';
import { authenticationConfigMap, type RequestHeaderOptions } from './authentication-config-map.ts';
import { type BootstrapObject, bootstrapObjects } from './objects.ts';
import { reconcile } from './reconcile-policy.ts';

/** What the plan depends on beside the release. */
export interface BootstrapOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** PEM by which clients' certificates are verified; `''` without `--client-ca-file`. */
  readonly clientCa: string;
  readonly requestHeader?: RequestHeaderOptions;
}

/** What has to be written so that the objects of bootstrap policy are there and as they should be. */
export interface BootstrapPlan {
  /** Without uid, times and revision. */
  readonly create: readonly BootstrapObject[];
  /** Changed copies of what is there. */
  readonly update: readonly BootstrapObject[];
}

/** Kinds whose specification counts generations. */
const generational = ['FlowSchema', 'PriorityLevelConfiguration', 'PriorityClass'];

/**
 * Compares bootstrap policy with what is there: what is missing is created, what an older release or an
 * accident left is mended, what administrators added or fixed stays. A pure decision.
 */
export function planBootstrap(reader: ObjectReader, options: BootstrapOptions): BootstrapPlan {
  const create: BootstrapObject[] = [];
  const update: BootstrapObject[] = [];
  const now = formatTime(options.now);
  for (const item of [...bootstrapObjects(), ...ownConfigMaps(options, now)]) {
    const { group, resource, object } = item;
    const { namespace = '', name = '' } = object.metadata;
    const found = reader.get({ group, resource }, namespace, name);
    if (found === undefined) {
      create.push({ ...item, object: fresh(object, now) });
      continue;
    }
    const next =
      resource === 'configmaps' ? mendConfigMap(object, found, options.now) : reconcile(object, found);
    if (next !== undefined) update.push({ ...item, object: next });
  }
  return { create, update };
}

function ownConfigMaps(options: BootstrapOptions, now: string): BootstrapObject[] {
  const trust = authenticationConfigMap(options.clientCa, options.requestHeader);
  const object = (name: string, data: Record<string, string>): BootstrapObject => ({
    group: '',
    version: 'v1',
    resource: 'configmaps',
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'kube-system' }, data },
  });
  return [
    object('extension-apiserver-authentication', combineTrust(trust, {}, options.now)),
    object('kube-apiserver-legacy-service-account-token-tracking', { since: now.slice(0, 10) }),
  ];
}

/** What clients verify by follows the flags; the tracking date stays as it is. */
function mendConfigMap(wanted: KubeObject, found: KubeObject, now: number): KubeObject | undefined {
  if (found.metadata.name !== 'extension-apiserver-authentication') return undefined;
  const data = combineTrust(wanted['data'], found['data'] ?? {}, now);
  return deepEqual(data, found['data'] ?? {}) ? undefined : { ...found, data };
}

/** A copy where one is changed: first generation, and conditions that begin now. */
function fresh(object: KubeObject, now: string): KubeObject {
  if (object.kind === 'APIService') {
    const available = { type: 'Available', ...localAvailability, lastTransitionTime: now };
    return { ...object, status: { conditions: [available] } };
  }
  if (!generational.includes(object.kind)) return object;
  const made = copyJson(object) as KubeObject;
  made.metadata.generation = 1;
  for (const condition of made['status']?.['conditions'] ?? []) condition['lastTransitionTime'] = now;
  return made;
}
