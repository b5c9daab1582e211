import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  decodeJsonPatch,
  type KubeObject,
  parseApiVersion,
} from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import { parseDocuments } from './read-files.ts';
import type { Session } from './session.ts';

/** Flags of verbs whose object may be changed before it is sent. */
export const overrideFlags = {
  'override-type': { type: 'string', default: 'merge', help: 'merge, strategic or json' },
  overrides: { type: 'string', help: 'JSON to change the object with' },
} as const;

/** The object as `--overrides` changes it. Throws `Failure`. */
export async function overridden(session: Session, object: KubeObject): Promise<KubeObject> {
  const text = session.flags.string('overrides');
  if (!text) return object;
  const [patch] = await parseDocuments(text, 'overrides');
  switch (session.flags.string('override-type')) {
    case 'merge':
      return applyMergePatch(object, patch);
    case 'json':
      return applyJsonPatch(object, decodeJsonPatch(patch));
    case 'strategic': {
      const { typeOfKind } = await import('@coxswain/api');
      const type = typeOfKind({ ...parseApiVersion(object.apiVersion), kind: object.kind });
      if (type === undefined)
        throw new Failure(`no type is known of ${object.apiVersion}, Kind=${object.kind}`);
      return applyStrategicMergePatch(object, patch, type);
    }
    default:
      throw new Failure(`invalid override type: ${session.flags.string('override-type')}`);
  }
}
