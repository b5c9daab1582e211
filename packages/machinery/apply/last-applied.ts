import { goMapJson } from '../go-json.ts';
import { readJson } from '../json/json-text.ts';
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
    const value: unknown = readJson(text);
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
  const before: Readonly<Record<string, string>> | undefined = object.metadata?.annotations;
  if (manager !== kubectl || !before?.[lastAppliedAnnotation]) return object;
  const { [lastAppliedAnnotation]: _, ...others } = before;
  const synced = { ...others, [lastAppliedAnnotation]: `${goMapJson(withoutBookkeeping(applied))}\n` };
  const annotations = sizeOf(synced) > annotationsSizeLimit ? others : synced;
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The configuration without field owners and without the annotation that it goes into. */
function withoutBookkeeping(applied: Partial<KubeObject>): object {
  if (applied.metadata === undefined) return applied;
  const { managedFields: _, annotations, ...metadata } = applied.metadata;
  if (annotations === undefined) return { ...applied, metadata };
  const { [lastAppliedAnnotation]: __, ...rest } = annotations;
  return { ...applied, metadata: { ...metadata, annotations: rest } };
}

function sizeOf(annotations: Readonly<Record<string, string>>): number {
  let size = 0;
  for (const [name, value] of Object.entries(annotations))
    size += Buffer.byteLength(name) + Buffer.byteLength(value);
  return size;
}
