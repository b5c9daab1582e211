import type { KubeObject } from '@coxswain/machinery';
import { compactJson } from './print/json.ts';

/** Where `apply` keeps the configuration that it applied last. */
export const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** The text of the annotation for an object as its file has it. */
export function lastAppliedOf(object: KubeObject): string {
  const { annotations = {}, ...metadata } = object.metadata;
  const { [lastApplied]: _, ...others } = annotations ?? {};
  return `${compactJson({ ...object, metadata: { ...metadata, annotations: others } })}\n`;
}

/** The object with the annotation set. */
export function withLastApplied(object: KubeObject, text: string): KubeObject {
  const annotations = { ...object.metadata.annotations, [lastApplied]: text };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
