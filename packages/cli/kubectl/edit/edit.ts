import {
  createMergePatch,
  createTwoWayMergePatch,
  deepEqual,
  type KubeObject,
  parseApiVersion,
} from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import { lastAppliedOf, withLastApplied } from '../last-applied.ts';
import { compactJson } from '../print/json.ts';
import { ResultPrinter, withoutManagedFields } from '../print/printer.ts';
import { builderOptions, fetchWanted, type Info, resolveWanted } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import { fileFlags, managerFlag, printFlags, validateFlags } from '../shared-flags.ts';
import { fieldValidationOf } from '../validation.ts';
import { kubectlCommand, type Verb } from '../verb.ts';
import { editObjects } from './edit-loop.ts';
import { editorFlags } from './editor.ts';

const verb: Verb = {
  usage: 'edit (RESOURCE/NAME | -f FILENAME)',
  summary: 'Edit a resource from the default editor.',
  flags: {
    ...fileFlags,
    ...printFlags,
    ...validateFlags,
    ...editorFlags,
    ...managerFlag('kubectl-edit'),
    'output-patch': { type: 'bool', default: 'false', help: 'Print the patch too' },
    'save-config': { type: 'bool', default: 'false', help: 'Keep the configuration for apply' },
    subresource: { type: 'string', help: 'Subresource to edit' },
  },
  run: async (session) => {
    const { all: _, ...options } = builderOptions(session);
    const printer = await ResultPrinter.of(session);
    const errors: unknown[] = [];
    const infos = await fetchWanted(session, await resolveWanted(session, options), errors);
    if (errors.length > 0) throw errors[0];
    if (infos.length === 0) throw new Failure('edit cancelled, no objects found');
    const objects = infos.map((each) => {
      const info = each as Info & { object: KubeObject };
      return { info, save: (edited: KubeObject) => save(session, info, edited, printer) };
    });
    await editObjects(session, objects);
    return 0;
  },
};

export const edit = kubectlCommand('edit', verb);

async function save(
  session: Session,
  info: Info & { readonly object: KubeObject },
  edited: KubeObject,
  printer: ResultPrinter,
): Promise<void> {
  const original = withoutManagedFields(info.object) as KubeObject;
  if (deepEqual(original, edited)) {
    printer.print(info, 'skipped');
    return;
  }
  const { flags } = session;
  const wanted = flags.bool('save-config') ? withLastApplied(edited, lastAppliedOf(edited)) : edited;
  const { typeOfKind } = await import('@coxswain/api');
  const type = typeOfKind({ ...parseApiVersion(original.apiVersion), kind: original.kind });
  const patch =
    type === undefined ? createMergePatch(original, wanted) : createTwoWayMergePatch(original, wanted, type);
  if (flags.bool('output-patch')) session.out(`Patch: ${compactJson(patch)}\n`);
  const subresource = flags.string('subresource');
  const media = type === undefined ? 'merge-patch' : 'strategic-merge-patch';
  const object = await (await session.rest()).patch(
    subresource ? { ...info, subresource } : info,
    `application/${media}+json`,
    compactJson(patch),
    { fieldManager: flags.string('field-manager'), fieldValidation: fieldValidationOf(session) },
  );
  printer.print({ ...info, object }, 'edited');
}
