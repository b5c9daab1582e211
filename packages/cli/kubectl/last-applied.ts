import type { KubeObject } from '@coxswain/machinery';
import { compactJson } from './print/json.ts';

/** Where `apply` keeps the configuration that it applied last. */
export const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** The text of the annotation for an object as its file has it. */
export function lastAppliedOf(object: KubeObject): string {
  return `${compactJson(withoutLastApplied(object))}\n`;
}

/** The object without the annotation, but with annotations, if it is none. */
export function withoutLastApplied(object: KubeObject): KubeObject {
  const { [lastApplied]: _, ...annotations } = object.metadata.annotations ?? {};
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The object with the annotation set. */
export function withLastApplied(object: KubeObject, text: string): KubeObject {
  const annotations = { ...object.metadata.annotations, [lastApplied]: text };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
