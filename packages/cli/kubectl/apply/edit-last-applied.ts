import { deepEqual, type KubeObject, readJson } from '@coxswain/machinery';
import { type Editable, editObjects, lastAppliedHeader } from '../edit/edit-loop.ts';
import { editorFlags } from '../edit/editor.ts';
import { Failure, throwAll } from '../error-text.ts';
import { lastApplied } from '../last-applied.ts';
import { compactJson } from '../print/json.ts';
import { ResultPrinter } from '../print/printer.ts';
import { builderOptions, fetchWanted, resolveWanted } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import { fileFlags, managerFlag, printFlags, validateFlags } from '../shared-flags.ts';
import { fieldValidationOf } from '../validation.ts';
import type { Verb } from '../verb.ts';

export const editLastApplied: Verb = {
  usage: 'apply edit-last-applied (RESOURCE/NAME | -f FILENAME)',
  summary: 'Edit the latest last-applied-configuration annotations of resources from the default editor.',
  flags: {
    ...fileFlags,
    ...printFlags,
    ...validateFlags,
    ...editorFlags,
    ...managerFlag('kubectl-client-side-apply'),
  },
  run: async (session) => {
    const { all: _, ...options } = builderOptions(session);
    const printer = await ResultPrinter.of(session);
    const errors: unknown[] = [];
    const infos = await fetchWanted(session, await resolveWanted(session, options), errors);
    throwAll(errors);
    const objects = infos.flatMap((info): Editable[] => {
      const text = info.object?.metadata.annotations?.[lastApplied];
      if (text === undefined) return [];
      const object = readJson(text) as KubeObject;
      const applied = { ...info, object };
      return [{ info: applied, save: (edited) => annotate(session, applied, edited, printer) }];
    });
    if (objects.length === 0) {
      throw new Failure(
        'no last-applied-configuration annotation found on resources, to create the annotation, use command `kubectl apply set-last-applied --create-annotation`',
      );
    }
    await editObjects(session, objects, lastAppliedHeader);
    return 0;
  },
};

async function annotate(
  session: Session,
  info: Editable['info'],
  edited: KubeObject,
  printer: ResultPrinter,
): Promise<void> {
  if (deepEqual(info.object, edited)) {
    printer.print(info, 'skipped');
    return;
  }
  const annotations = { [lastApplied]: `${compactJson(edited)}\n` };
  const object = await (await session.rest()).patch(
    info,
    'application/merge-patch+json',
    compactJson({ metadata: { annotations } }),
    { fieldManager: session.flags.string('field-manager'), fieldValidation: fieldValidationOf(session) },
  );
  printer.print({ ...info, object }, 'edited');
}
