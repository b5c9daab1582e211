import type { KubeObject } from '../meta.ts';
import { atomOfType } from './atom.ts';
import { compareObjects } from './compare.ts';
import { difference, emptySet, type FieldSet, union } from './field-set.ts';
import { toFieldSet } from './to-field-set.ts';
import type { WriteContext } from './track-update.ts';
import { typedFaults } from './validate-typed.ts';

/** Where `kubectl apply` keeps the configuration it applied from the client. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** Only kubectl's own manager is moved from client-side to server-side apply. */
const kubectl = 'kubectl';

/** Annotations together may have so many bytes; a longer configuration is not kept. */
const annotationsSizeLimit = 256 * 1024;

/**
 * Fields that kubectl may take over without a conflict: those it had applied from the client and that still
 * have the value it gave them.
 */
export function allowedByLastApplied(context: WriteContext, live: KubeObject): FieldSet {
  if (context.manager !== kubectl) return emptySet;
  const last = parse(live.metadata.annotations?.[lastAppliedAnnotation]);
  const atom = atomOfType(context.type);
  if (last === undefined || typedFaults(atom, last).length > 0) return emptySet;
  const { changed, removed } = compareObjects(last, live, context.type);
  return difference(toFieldSet(atom, last), union(changed, removed));
}

function parse(text: string | undefined): KubeObject | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as KubeObject)
      : undefined;
  } catch {
    // Whatever stands there is not a configuration, and so allows nothing.
    return undefined;
  }
}

/** Keeps the annotation of client-side apply in step where there is one, so that both ways of applying work. */
export function syncLastApplied(manager: string, object: KubeObject, applied: KubeObject): KubeObject {
  if (manager !== kubectl || !object.metadata.annotations?.[lastAppliedAnnotation]) return object;
  const { [lastAppliedAnnotation]: _, ...rest } = applied.metadata?.annotations ?? {};
  const { annotations: __, managedFields: ___, ...metadata } = applied.metadata ?? {};
  const config = {
    ...applied,
    metadata: Object.keys(rest).length === 0 ? metadata : { ...metadata, annotations: rest },
  };
  const text = `${JSON.stringify(sortedKeys(config))}\n`;
  const { [lastAppliedAnnotation]: ____, ...others } = object.metadata.annotations;
  const annotations =
    text.length > annotationsSizeLimit ? others : { ...others, [lastAppliedAnnotation]: text };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Go writes maps with sorted keys. */
function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  const source = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(source)
      .sort()
      .map((key) => [key, sortedKeys(source[key])]),
  );
}
