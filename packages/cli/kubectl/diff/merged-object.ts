import type { KubeObject } from '@coxswain/machinery';
import { threeWayPatch } from '../apply/three-way-patch.ts';
import { withoutLastApplied } from '../last-applied.ts';
import { compactJson } from '../print/json.ts';
import type { Info } from '../resource-builder.ts';
import type { Session } from '../session.ts';

/**
 * The object as the server would have it after an apply; nothing is stored.
 * @param force take no notice of changes between reading and merging
 */
export async function mergedObject(
  session: Session,
  info: Info,
  live: KubeObject | undefined,
  force: boolean,
): Promise<KubeObject> {
  const { flags } = session;
  const rest = await session.rest();
  const serverSide = flags.bool('server-side');
  const query = {
    dryRun: 'All',
    fieldManager: flags.string('field-manager') ?? (serverSide ? 'kubectl' : 'kubectl-client-side-apply'),
  };
  const wanted = info.object as KubeObject;
  if (serverSide) {
    return rest.patch(info, 'application/apply-patch+yaml', wanted, {
      ...query,
      force: flags.bool('force-conflicts'),
    });
  }
  if (live === undefined) {
    return rest.create({ mapping: info.mapping, namespace: info.namespace }, wanted, query);
  }
  const { type, body } = await threeWayPatch(live, withoutLastApplied(wanted), true);
  if (Object.keys(body).length === 0) return live;
  const { resourceVersion } = live.metadata;
  const { metadata } = body as { readonly metadata?: object };
  const locked = force ? body : { ...body, metadata: { ...metadata, resourceVersion } };
  return rest.patch(info, type, compactJson(locked), query);
}
