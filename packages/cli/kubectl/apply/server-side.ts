import { isConflict, type KubeObject } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import type { DryRun } from '../print/printer.ts';
import type { Info } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import { fieldValidationOf } from '../validation.ts';
import { type Applied, warnIfDeleting } from './client-side.ts';
import { clientManagers, keepLastApplied, upgradeManagers } from './upgrade-managers.ts';

/** kubectl's manager of what the server applies. */
const defaultManager = 'kubectl';

const conflictAdvice = `
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`;

/** Sends the object as it is in the file; the server merges and keeps who owns which field. */
export async function applyServerSide(session: Session, info: Info, dryRun: DryRun): Promise<Applied> {
  const { flags } = session;
  const rest = await session.rest();
  const subresource = flags.string('subresource');
  const object = info.object as KubeObject;
  if (object.metadata.managedFields !== undefined) {
    throw new Failure('metadata.managedFields must be nil');
  }
  const manager = flags.string('field-manager') ?? defaultManager;
  const apply = (): Promise<KubeObject> =>
    rest.patch(subresource ? { ...info, subresource } : info, 'application/apply-patch+yaml', object, {
      fieldManager: manager,
      force: flags.bool('force-conflicts'),
      fieldValidation: fieldValidationOf(session),
      dryRun: dryRun === 'server' ? 'All' : undefined,
    });
  try {
    let applied = await apply();
    if (dryRun === 'none' && !subresource) {
      const clients = clientManagers(applied);
      if (manager === defaultManager) applied = await keepLastApplied(rest, info, applied);
      if (await upgradeManagers(rest, info, applied, manager, clients)) applied = await apply();
    }
    warnIfDeleting(session, applied);
    return { object: applied, operation: 'serverside-applied' };
  } catch (error) {
    if (!isConflict(error)) throw error;
    throw new Failure(`${error.message}${conflictAdvice}`, { cause: error });
  }
}
