import { randomInt } from 'node:crypto';
import type { KubeObject } from '@coxswain/machinery';
import { visitSecretNames } from '../authorization/node/object-refs.ts';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin, ObjectReader } from '../contract.ts';
import { warnOnlyExpirationSeconds } from '../service-accounts/token-issuer.ts';
import { secretReferenceFault } from './mountable-secrets.ts';
import { isFor, refuse } from './refuse.ts';

const serviceAccounts = { group: '', resource: 'serviceaccounts' } as const;
const mirrorAnnotation = 'kubernetes.io/config.mirror';
const volumePrefix = 'kube-api-access-';
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Go's strconv.ParseBool. */
const trueTexts: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
/** What generated names are made of: no vowels, so that no words come out. */
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Gives pods their service account, its token and its pull secrets. */
export class ServiceAccountPlugin implements AdmissionPlugin {
  readonly name = 'ServiceAccount';
  readonly #reader: ObjectReader;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE' || operation === 'UPDATE';
  }

  admit(a: AdmissionAttributes): void {
    if (a.operation !== 'CREATE' || a.object === undefined || !isFor(a, '', 'pods')) return;
    const pod = a.object;
    if (!isMirror(pod)) {
      const { spec } = pod as Record<string, any>;
      const name: string = spec['serviceAccountName'] || spec['serviceAccount'] || 'default';
      spec['serviceAccountName'] = name;
      spec['serviceAccount'] = name;
      const account = this.#account(a, name);
      if (shouldAutomount(account, spec)) mountToken(spec);
      if (!spec['imagePullSecrets']?.length && account['imagePullSecrets']?.length) {
        spec['imagePullSecrets'] = account['imagePullSecrets'].map((ref: object) => ({ ...ref }));
      }
    }
    this.validate(a);
  }

  validate(a: AdmissionAttributes): void {
    if (a.object === undefined) return;
    if (a.operation === 'CREATE' && isFor(a, '', 'pods')) this.#validatePod(a, a.object);
    else if (a.operation === 'UPDATE' && isFor(a, '', 'pods', 'ephemeralcontainers')) {
      const name: string = a.object['spec']?.['serviceAccountName'] ?? '';
      if (name !== '') this.#limitSecrets(a, a.object, this.#account(a, name), ['ephemeralContainers']);
    }
  }

  #validatePod(a: AdmissionAttributes, pod: KubeObject): void {
    if (isMirror(pod)) {
      validateMirror(a, pod);
      return;
    }
    const name: string = pod['spec']['serviceAccountName'] ?? '';
    if (name === '') {
      throw refuse(a, `no service account specified for pod ${a.namespace}/${pod.metadata.name ?? ''}`);
    }
    this.#limitSecrets(a, pod, this.#account(a, name), ['initContainers', 'containers']);
  }

  #account(a: AdmissionAttributes, name: string): KubeObject {
    const account = this.#reader.get(serviceAccounts, a.namespace, name);
    if (account !== undefined) return account;
    const cause = `serviceaccount "${name}" not found`;
    throw refuse(a, `error looking up service account ${a.namespace}/${name}: ${cause}`);
  }

  #limitSecrets(
    a: AdmissionAttributes,
    pod: KubeObject,
    account: KubeObject,
    fields: readonly string[],
  ): void {
    const said = account.metadata.annotations?.['kubernetes.io/enforce-mountable-secrets'] ?? '';
    const enforced = trueTexts.has(said);
    const fault = enforced ? secretReferenceFault(account, pod, fields) : undefined;
    if (fault !== undefined) throw refuse(a, fault);
  }
}

function isMirror(pod: KubeObject): boolean {
  return pod.metadata.annotations?.[mirrorAnnotation] !== undefined;
}

function validateMirror(a: AdmissionAttributes, pod: KubeObject): void {
  if (pod['spec']['serviceAccountName']) throw refuse(a, 'a mirror pod may not reference service accounts');
  visitSecretNames(pod, () => {
    throw refuse(a, 'a mirror pod may not reference secrets');
  });
  for (const volume of pod['spec']['volumes'] ?? []) {
    for (const source of volume['projected']?.['sources'] ?? []) {
      if (source['serviceAccountToken']) {
        throw refuse(a, 'a mirror pod may not use ServiceAccountToken volume projections');
      }
    }
  }
}

/** The pod decides, else the account, else yes. */
function shouldAutomount(account: KubeObject, spec: Record<string, any>): boolean {
  return spec['automountServiceAccountToken'] ?? account['automountServiceAccountToken'] ?? true;
}

function mountToken(spec: Record<string, any>): void {
  const volumes: Record<string, any>[] = spec['volumes'] ?? [];
  const existing = volumes.find((volume) => volume['name'].startsWith(volumePrefix));
  const name: string = existing?.['name'] ?? `${volumePrefix}${suffix()}`;
  let needed = false;
  for (const container of [...(spec['initContainers'] ?? []), ...(spec['containers'] ?? [])]) {
    const mounts: Record<string, any>[] = container['volumeMounts'] ?? [];
    // what the user mounts there stays
    if (mounts.some((mount) => mount['mountPath'] === mountPath)) continue;
    container['volumeMounts'] = [...mounts, { name, readOnly: true, mountPath }];
    needed = true;
  }
  if (needed && existing === undefined) spec['volumes'] = [...volumes, tokenVolume(name)];
}

function suffix(): string {
  let text = '';
  for (let i = 0; i < 5; i++) text += suffixAlphabet[randomInt(suffixAlphabet.length)];
  return text;
}

function tokenVolume(name: string): Record<string, unknown> {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: warnOnlyExpirationSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  };
}
