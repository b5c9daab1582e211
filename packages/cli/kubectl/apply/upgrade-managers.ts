import { deepEqual, isConflict, type KubeObject, type ManagedFieldsEntry } from '@coxswain/machinery';
import { lastApplied, lastAppliedOf } from '../last-applied.ts';
import { compactJson } from '../print/json.ts';
import type { Info } from '../resource-builder.ts';
import type { Rest } from '../rest.ts';

/** Who owns the annotation of the last configuration once the server merges. */
const annotationManager = 'kubectl-last-applied';
/** kubectl's: how often managers are written anew after somebody else changed the object. */
const maxConflicts = 5;

type Fields = { readonly [field: string]: Fields };

/**
 * Brings the annotation of the last configuration up to date on an object that was once applied by the client: its
 * tools still read it.
 */
export async function keepLastApplied(rest: Rest, info: Info, live: KubeObject): Promise<KubeObject> {
  if (live.metadata.annotations?.[lastApplied] === undefined) return live;
  const { apiVersion, kind } = live;
  const { name = '', namespace } = live.metadata;
  const annotations = { [lastApplied]: lastAppliedOf(info.object as KubeObject) };
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), annotations };
  return rest.patch(info, 'application/apply-patch+yaml', compactJson({ apiVersion, kind, metadata }), {
    fieldManager: annotationManager,
    force: true,
  });
}

/**
 * Gives what the client once applied to the manager of server-side apply: else fields that leave the file would stay,
 * owned by nobody who applies any more.
 * @param clients see `clientManagers`
 * @returns whether managers have changed: then the object must be applied again
 */
export async function upgradeManagers(
  rest: Rest,
  info: Info,
  applied: KubeObject,
  manager: string,
  clients: ReadonlySet<string>,
): Promise<boolean> {
  for (let attempt = 0, live = applied; ; attempt++) {
    const entries = live.metadata.managedFields ?? [];
    const upgraded = upgradedEntries(entries, manager, clients);
    if (deepEqual(entries, upgraded)) return false;
    const body = [
      { op: 'replace', path: '/metadata/managedFields', value: upgraded },
      { op: 'replace', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion },
    ];
    try {
      await rest.patch(info, 'application/json-patch+json', compactJson(body));
      return true;
    } catch (error) {
      if (!isConflict(error) || attempt >= maxConflicts) throw error;
      live = await rest.get(info);
    }
  }
}

/** The managers that applied the object as clients: they own the annotation of the last configuration. */
export function clientManagers({ metadata }: KubeObject): ReadonlySet<string> {
  const owners = (metadata.managedFields ?? []).filter(
    (each) => each.operation === 'Update' && !each.subresource && ownsAnnotation(each),
  );
  return new Set(owners.map((each) => each.manager ?? ''));
}

/** The entries with those of clients joined to the manager's own. */
export function upgradedEntries(
  entries: readonly ManagedFieldsEntry[],
  manager: string,
  names: ReadonlySet<string>,
): readonly ManagedFieldsEntry[] {
  const isClient = (each: ManagedFieldsEntry): boolean =>
    each.operation === 'Update' && !each.subresource && names.has(each.manager ?? '');
  const clients = entries.filter(isClient);
  if (clients.length === 0) return entries;
  const isOwn = (each: ManagedFieldsEntry): boolean =>
    each.manager === manager && each.operation === 'Apply' && !each.subresource;
  const target = entries.find(isOwn) ?? clients[0];
  return entries
    .filter((each) => each === target || !isClient(each))
    .map((each) => {
      if (each !== target) return each;
      const joined = clients
        .filter((client) => client.apiVersion === each.apiVersion)
        .reduce<Fields>((fields, client) => union(fields, fieldsOf(client)), fieldsOf(each));
      return { ...each, manager, operation: 'Apply' as const, fieldsV1: joined };
    });
}

function fieldsOf(entry: ManagedFieldsEntry): Fields {
  return (entry.fieldsV1 ?? {}) as Fields;
}

function ownsAnnotation(entry: ManagedFieldsEntry): boolean {
  return fieldsOf(entry)['f:metadata']?.['f:annotations']?.[`f:${lastApplied}`] !== undefined;
}

/** Both sets of fields; one that is owned itself and has fields within says so by a dot. */
function union(a: Fields, b: Fields): Fields {
  const own = (fields: Fields): boolean => Object.keys(fields).length === 0;
  if (own(a) && own(b)) return {};
  const both: Record<string, Fields> = { ...a };
  for (const [name, fields] of Object.entries(b)) {
    const other = both[name];
    both[name] = other === undefined ? fields : union(other, fields);
  }
  return own(a) || own(b) ? { '.': {}, ...both } : both;
}
