import {
  copyJson,
  deepEqual,
  deepFreeze,
  type GroupResource,
  type KubeObject,
  newAlreadyExists,
  newConflict,
  newNotFound,
} from '@coxswain/machinery';
import { keyOf } from './indexed-store.ts';

/** A change of a tracked object. */
export interface TrackedEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly object: KubeObject;
  /** What was there before; absent when added. */
  readonly before?: KubeObject;
}

/** `resource.group` of what is tracked. */
export function trackingKey(gr: GroupResource): string {
  return `${gr.resource}.${gr.group}`;
}

export interface UpdateOptions {
  readonly subresource: string;
  /** Wall milliseconds, for a deletion that this update completes. */
  readonly now: string;
}

/** The objects behind a fake API server, with revisions and a history, as far as controllers can tell. */
export class FakeObjects {
  revision = 1;
  readonly #byResource = new Map<string, Map<string, KubeObject>>();
  readonly #history = new Map<string, TrackedEvent[]>();
  #uids = 0;
  readonly #onEvent: (gr: GroupResource, event: TrackedEvent) => void;

  constructor(onEvent: (gr: GroupResource, event: TrackedEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** All of a resource in key order. */
  list(gr: GroupResource): KubeObject[] {
    const objects = this.#byResource.get(trackingKey(gr)) ?? new Map<string, KubeObject>();
    return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  get(gr: GroupResource, key: string): KubeObject {
    const found = this.#byResource.get(trackingKey(gr))?.get(key);
    if (found === undefined) throw newNotFound(gr, key.slice(key.indexOf('/') + 1));
    return found;
  }

  history(gr: GroupResource): readonly TrackedEvent[] {
    return this.#history.get(trackingKey(gr)) ?? [];
  }

  create(gr: GroupResource, body: KubeObject, now: string): KubeObject {
    const object = copyJson(body);
    const { metadata } = object;
    if (!metadata.name && metadata.generateName) {
      metadata.name = metadata.generateName + (++this.#uids).toString(36).padStart(5, '0');
    }
    if (this.#byResource.get(trackingKey(gr))?.has(keyOf(object)))
      throw newAlreadyExists(gr, metadata.name ?? '');
    metadata.uid ??= `00000000-0000-4000-8000-${String(++this.#uids).padStart(12, '0')}`;
    metadata.creationTimestamp ??= now;
    if (object['spec'] !== undefined) metadata.generation ??= 1;
    return this.#put(gr, object, undefined);
  }

  /** Replaces as a server does: the spec and metadata, or the status alone. A no-op gives no event. */
  update(gr: GroupResource, body: KubeObject, options: UpdateOptions): KubeObject {
    const before = this.get(gr, keyOf(body));
    const wanted = body.metadata.resourceVersion;
    if (wanted !== undefined && wanted !== '' && wanted !== before.metadata.resourceVersion) {
      throw newConflict(
        gr,
        before.metadata.name ?? '',
        'the object has been modified; please apply your changes to the latest version and try again',
      );
    }
    const object = options.subresource === 'status' ? withStatus(before, body) : withoutStatus(before, body);
    const { uid, resourceVersion, creationTimestamp, deletionTimestamp } = before.metadata;
    Object.assign(object.metadata, { uid, resourceVersion, creationTimestamp });
    if (deletionTimestamp !== undefined) object.metadata.deletionTimestamp = deletionTimestamp;
    if (deepEqual(object, before)) return before;
    if (!deepEqual(object['spec'], before['spec'])) {
      object.metadata.generation = (before.metadata.generation ?? 0) + 1;
    }
    const after = this.#put(gr, object, before);
    const finished = deletionTimestamp !== undefined && !hasFinalizers(after) && hasFinalizers(before);
    return finished && after.metadata.deletionGracePeriodSeconds === undefined
      ? this.#remove(gr, after)
      : after;
  }

  /** Removes, or marks for deletion what has finalizers, or time to end (a pod on a node). */
  delete(gr: GroupResource, key: string, graceSeconds: number | undefined, now: string): KubeObject {
    const before = this.get(gr, key);
    const onNode = gr.resource === 'pods' && before['spec']?.nodeName && !isFinished(before);
    const grace = onNode ? (graceSeconds ?? before['spec'].terminationGracePeriodSeconds ?? 30) : 0;
    if (grace === 0 && !hasFinalizers(before)) return this.#remove(gr, before);
    if (before.metadata.deletionTimestamp !== undefined && grace > 0) return before;
    const object = copyJson(before);
    object.metadata.deletionTimestamp ??= now;
    if (onNode) object.metadata.deletionGracePeriodSeconds = grace;
    return this.#put(gr, object, before);
  }

  #put(gr: GroupResource, object: KubeObject, before: KubeObject | undefined): KubeObject {
    object.metadata.resourceVersion = String(++this.revision);
    deepFreeze(object);
    const key = trackingKey(gr);
    const objects = this.#byResource.get(key) ?? new Map<string, KubeObject>();
    this.#byResource.set(key, objects.set(keyOf(object), object));
    this.#record(gr, {
      type: before === undefined ? 'ADDED' : 'MODIFIED',
      revision: this.revision,
      object,
      ...(before === undefined ? {} : { before }),
    });
    return object;
  }

  #remove(gr: GroupResource, before: KubeObject): KubeObject {
    this.#byResource.get(trackingKey(gr))?.delete(keyOf(before));
    const object = copyJson(before);
    object.metadata.resourceVersion = String(++this.revision);
    deepFreeze(object);
    this.#record(gr, { type: 'DELETED', revision: this.revision, object, before });
    return object;
  }

  #record(gr: GroupResource, event: TrackedEvent): void {
    const key = trackingKey(gr);
    const history = this.#history.get(key);
    if (history === undefined) this.#history.set(key, [event]);
    else history.push(event);
    this.#onEvent(gr, event);
  }
}

function hasFinalizers(object: KubeObject): boolean {
  return (object.metadata.finalizers ?? []).length > 0;
}

function isFinished(pod: KubeObject): boolean {
  return pod['status']?.phase === 'Succeeded' || pod['status']?.phase === 'Failed';
}

function withStatus(before: KubeObject, body: KubeObject): KubeObject {
  const object = copyJson(before);
  if (body['status'] === undefined) delete object['status'];
  else object['status'] = copyJson(body['status']);
  return object;
}

function withoutStatus(before: KubeObject, body: KubeObject): KubeObject {
  const object = copyJson(body);
  if (before['status'] === undefined) delete object['status'];
  else object['status'] = copyJson(before['status']);
  if (before.metadata.generation !== undefined) object.metadata.generation = before.metadata.generation;
  return object;
}
