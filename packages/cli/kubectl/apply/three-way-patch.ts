import {
  createThreeWayJsonMergePatch,
  createThreeWayMergePatch,
  type KubeObject,
  parseApiVersion,
  readJson,
} from '@coxswain/machinery';
import { lastApplied } from '../last-applied.ts';

/** A patch and the media type that it is sent with. */
export interface MergePatch {
  readonly type: string;
  readonly body: object;
}

/**
 * What brings the live object to the modified one, where fields that the last configuration had and the new one
 * lacks are removed. Kinds with known types are merged strategically, others as JSON.
 */
export async function threeWayPatch(
  live: KubeObject,
  modified: KubeObject,
  overwrite: boolean,
): Promise<MergePatch> {
  const { typeOfKind } = await import('@coxswain/api');
  const text = live.metadata.annotations?.[lastApplied];
  const original: unknown = text === undefined ? {} : readJson(text);
  const type = typeOfKind({ ...parseApiVersion(modified.apiVersion), kind: modified.kind });
  if (type === undefined) {
    const body = createThreeWayJsonMergePatch(original, modified, live) as object;
    return { type: 'application/merge-patch+json', body };
  }
  const body = createThreeWayMergePatch(original, modified, live, type, overwrite) as object;
  return { type: 'application/strategic-merge-patch+json', body };
}
