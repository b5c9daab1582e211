import type { Transport } from '@coxswain/client';
import { type Clock, isConflict, isNotFound, type KubeObject, newStatusError } from '@coxswain/machinery';
import type {
  AdmissionAttributes,
  AdmissionOperation,
  AdmissionPlugin,
  ObjectReader,
} from '../../contract.ts';
import { refuse } from '../refuse.ts';
import { checkQuota, type QuotaRequest } from './check.ts';
import type { LimitedResource } from './limited-resources.ts';

const resourceQuotas = { group: '', resource: 'resourcequotas' } as const;

/** A conflicting write of a quota means that another server used it: so often is the whole check done anew. */
const maxAttempts = 4;

/** Reviews and bindings use nothing. */
const ignoredGroups = ['authentication.k8s.io', 'authorization.k8s.io'];

/**
 * Holds a namespace to its ResourceQuotas: a write that fits is charged to them before it is done, by
 * compare-and-set, so that several servers never grant the same unit twice. Requests of one namespace wait
 * for each other.
 */
export class ResourceQuota implements AdmissionPlugin {
  readonly name = 'ResourceQuota';
  readonly #reader: ObjectReader;
  readonly #clock: Clock;
  readonly #transport: () => Transport;
  readonly #limited: readonly LimitedResource[];
  /** The last check of each namespace that has one running. */
  readonly #running = new Map<string, Promise<void>>();
  /** What this server wrote last, for when the reader is behind. */
  readonly #written = new Map<string, KubeObject>();

  /** @param limited what may be used only where a quota covers it */
  constructor(
    reader: ObjectReader,
    clock: Clock,
    transport: () => Transport,
    limited: readonly LimitedResource[] = [],
  ) {
    this.#limited = limited;
    this.#reader = reader;
    this.#clock = clock;
    this.#transport = transport;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE' || operation === 'UPDATE';
  }

  validate(a: AdmissionAttributes): void | Promise<void> {
    if (!concerns(a) || a.object === undefined) return;
    if (this.#limited.length === 0 && this.#reader.list(resourceQuotas, a.namespace).length === 0) return;
    return this.#inTurn(a.namespace, () => this.#charge(a, a.object as KubeObject));
  }

  async #inTurn(namespace: string, check: () => Promise<void>): Promise<void> {
    const before = this.#running.get(namespace) ?? Promise.resolve();
    const mine = before.then(check);
    const settled = mine.then(
      () => {},
      () => {
        // whoever asked gets the refusal; those who wait go on
      },
    );
    this.#running.set(namespace, settled);
    try {
      await mine;
    } finally {
      if (this.#running.get(namespace) === settled) this.#running.delete(namespace);
    }
  }

  async #charge(a: AdmissionAttributes, object: KubeObject): Promise<void> {
    const request: QuotaRequest = {
      resource: a.resource,
      operation: a.operation as 'CREATE' | 'UPDATE',
      object,
      oldObject: a.oldObject,
      now: this.#clock.now(),
    };
    const charged = new Set<string>();
    for (let attempt = 1; ; attempt++) {
      const quotas = this.#reader
        .list(resourceQuotas, a.namespace)
        .filter((quota) => !charged.has(quota.metadata.name ?? ''))
        .map((quota) => this.#newest(quota));
      const verdict = checkQuota(quotas, request, this.#limited);
      if ('fault' in verdict) throw refuse(a, verdict.fault);
      if ('uncovered' in verdict) throw newStatusError({ code: 500, reason: '', message: verdict.uncovered });
      if (a.dryRun || verdict.used.size === 0) return;
      if (await this.#write(quotas, verdict.used, charged)) return;
      if (attempt === maxAttempts) {
        const names = [...verdict.used.keys()].join(', ');
        throw refuse(
          a,
          `unable to complete evaluation: the quota ${names} is changed by others again and again`,
        );
      }
    }
  }

  /** False when a quota was changed in between; those that were not go into `charged`. */
  async #write(
    quotas: readonly KubeObject[],
    used: ReadonlyMap<string, Readonly<Record<string, string>>>,
    charged: Set<string>,
  ): Promise<boolean> {
    let whole = true;
    for (const quota of quotas) {
      const next = used.get(quota.metadata.name ?? '');
      if (next === undefined) continue;
      try {
        const body = { ...quota, status: { ...quota['status'], used: next } };
        const { name = '', namespace = '' } = quota.metadata;
        const target = { group: '', version: 'v1', resource: 'resourcequotas', subresource: 'status' };
        const written = await this.#transport().request({ ...target, verb: 'update', namespace, name, body });
        this.#written.set(keyOf(quota), written as KubeObject);
        charged.add(name);
      } catch (error) {
        if (!isConflict(error) && !isNotFound(error)) throw error;
        this.#written.delete(keyOf(quota));
        whole = false;
      }
    }
    return whole;
  }

  #newest(seen: KubeObject): KubeObject {
    const own = this.#written.get(keyOf(seen));
    if (own === undefined) return seen;
    if (own.metadata.uid === seen.metadata.uid && revision(own) > revision(seen)) return own;
    this.#written.delete(keyOf(seen));
    return seen;
  }
}

function keyOf(quota: KubeObject): string {
  return `${quota.metadata.namespace}/${quota.metadata.name}`;
}

function revision(object: KubeObject): bigint {
  return BigInt(object.metadata.resourceVersion ?? '0');
}

/** Creations use quota; of updates only those of what can grow. */
function concerns(a: AdmissionAttributes): boolean {
  if (a.namespace === '' || ignoredGroups.includes(a.resource.group)) return false;
  if (a.subresource === 'resize') return a.resource.resource === 'pods';
  if (a.subresource !== '') return false;
  if (a.operation === 'CREATE') return true;
  return a.resource.group === '' && ['services', 'persistentvolumeclaims'].includes(a.resource.resource);
}
