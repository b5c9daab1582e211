import type { FieldError, KubeObject, ResourceFact } from '@coxswain/machinery';
import { applyDefaults } from '../defaults/apply-defaults.ts';
import { findKind } from '../facts.ts';
import type { Json } from '../validation/values.ts';
import { prepareForCreate } from './strategy.ts';

/** Objects for tests, as they are once the server has taken them. */

export const now = '2026-01-01T00:00:00Z';

export function factOf(apiVersion: string, kind: string): ResourceFact {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const fact = findKind({ group, version: apiVersion.slice(slash + 1), kind });
  if (fact === undefined) throw new Error(`find the kind ${apiVersion} ${kind}: it is not built in`);
  return fact;
}

/** An object with defaults applied and prepared for creation. */
export function created(apiVersion: string, kind: string, members: Json, metadata: Json = {}): KubeObject {
  const fact = factOf(apiVersion, kind);
  const object: KubeObject = {
    apiVersion,
    kind,
    ...members,
    metadata: {
      name: 'x',
      uid: '11111111-1111-4111-8111-111111111111',
      creationTimestamp: now,
      ...(fact.namespaced ? { namespace: 'ns' } : {}),
      ...metadata,
    },
  };
  applyDefaults(object, fact);
  prepareForCreate(fact, object, { now });
  return object;
}

/** The same object as a client would send it back after a change. */
export function changed(object: KubeObject, change: (copy: KubeObject) => void): KubeObject {
  const copy = structuredClone(object);
  copy.metadata.resourceVersion = '1';
  change(copy);
  return copy;
}

export const container = { name: 'c', image: 'i:1' };

export function pod(spec: Json = {}, metadata: Json = {}): KubeObject {
  return created(
    'v1',
    'Pod',
    { spec: { serviceAccountName: 'default', containers: [container], ...spec } },
    metadata,
  );
}

/** Errors as upstream prints them in a message. */
export function texts(errors: readonly FieldError[]): string[] {
  return errors.map((e) => `${e.field}: ${e.message}`);
}
