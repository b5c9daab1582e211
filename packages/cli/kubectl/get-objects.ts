import { isNotFound } from '@coxswain/machinery';
import { throwAll } from './error-text.ts';
import type { ObjectPrinter } from './print/printer.ts';
import { builderOptions, fetchWanted, nameOf, resolveWanted } from './resource-builder.ts';
import type { Session } from './session.ts';

/** `get` with a format: objects, several of them as one List. */
export async function getObjects(
  session: Session,
  printer: ObjectPrinter | undefined,
  format: string,
): Promise<number> {
  const { flags } = session;
  const { all: _, ...options } = builderOptions(session);
  const wanted = await resolveWanted(session, options);
  const subresource = flags.string('subresource');
  const errors: unknown[] = [];
  const infos = await fetchWanted(
    session,
    subresource ? { ...wanted, infos: wanted.infos.map((info) => ({ ...info, subresource })) } : wanted,
    errors,
  );
  const failures = flags.bool('ignore-not-found') ? errors.filter((error) => !isNotFound(error)) : errors;
  const sortBy = flags.string('sort-by') ?? '';
  if (sortBy !== '') {
    const { compareBy } = await import('./sort.ts');
    const compare = compareBy(sortBy);
    infos.sort((a, b) => compare(a.object, b.object));
  }
  const objects = infos.map((info) => info.object);
  if (format === 'name') {
    for (const info of infos) session.out(`${nameOf(info)}\n`);
  } else if (wanted.single) {
    if (objects.length > 0) printer?.print(objects);
  } else if (infos.length > 0 || !flags.bool('ignore-not-found') || wanted.selections.length > 0) {
    const list = { apiVersion: 'v1', items: objects, kind: 'List', metadata: { resourceVersion: '' } };
    if (printer?.whole) printer.print([list]);
    else printer?.print(objects);
  }
  throwAll(failures);
  return 0;
}
