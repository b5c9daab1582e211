import { typeOfKind } from '@coxswain/api';
import type { PatchType } from '@coxswain/client';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  copyJson,
  decodeJsonPatch,
  type KubeObject,
  mergeConfiguration,
  newUnsupportedMediaType,
  parseApiVersion,
} from '@coxswain/machinery';

/** Applies a patch as a server would; kinds without a type of their own are merged. */
export function fakePatch(stored: KubeObject, patchType: PatchType, patch: unknown): KubeObject {
  const body = typeof patch === 'string' ? JSON.parse(patch) : patch;
  switch (patchType) {
    case 'application/json-patch+json':
      return applyJsonPatch(copyJson(stored), decodeJsonPatch(body));
    case 'application/merge-patch+json':
      return applyMergePatch(copyJson(stored), body);
    case 'application/strategic-merge-patch+json': {
      const type = typeOfKind({ ...parseApiVersion(stored.apiVersion), kind: stored.kind });
      return type === undefined
        ? applyMergePatch(copyJson(stored), body)
        : applyStrategicMergePatch(copyJson(stored), body, type);
    }
    case 'application/apply-patch+yaml': {
      const type = typeOfKind({ ...parseApiVersion(stored.apiVersion), kind: stored.kind });
      // Nobody's fields are kept apart: what is applied is merged.
      return type === undefined
        ? applyMergePatch(copyJson(stored), body)
        : (mergeConfiguration(type, stored, body) as KubeObject);
    }
    default:
      throw newUnsupportedMediaType(`the fake server does not know the patch type ${patchType}`);
  }
}
