import { formatYaml, isInvalid, isNotFound, type KubeObject, StatusError } from '@coxswain/machinery';
import { ExitWith, messageOf } from '../error-text.ts';
import { withoutManagedFields } from '../print/printer.ts';

import { objectsOfText } from '../read-files.ts';
import type { Info } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import { type EditedText, editText, forget } from './editor.ts';

/** An object as the editor shows it, and what becomes of it. */
export interface Editable {
  readonly info: Info & { readonly object: KubeObject };
  /**
   * Stores the object. What it throws is shown in the editor when the server found the object invalid.
   * @param edited as it was left
   */
  save(edited: KubeObject): Promise<void>;
}

const objectHeader = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;
export const lastAppliedHeader = `# Please edit the 'last-applied-configuration' annotations below.
# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.
#
`;

/** What is wrong with a text, as its next header tells it. */
interface Reason {
  readonly head: string;
  readonly others?: readonly string[];
}

/**
 * Lets a person edit the objects in one text, as often as it takes until they are stored or given up.
 * @throws ExitWith when what was edited could not be stored; the text is kept in a file then
 */
export async function editObjects(
  session: Session,
  objects: readonly Editable[],
  header = objectHeader,
): Promise<void> {
  const crlf = session.flags.bool('windows-line-endings');
  const shown = objects.map(({ info }) => withoutManagedFields(info.object));
  const list = { apiVersion: 'v1', items: shown, kind: 'List', metadata: {} };
  const original = formatYaml(shown.length === 1 ? shown[0] : list);
  let last: EditedText | undefined;
  for (let body = original, reasons: readonly Reason[] = []; ; ) {
    const text = `${header}${reasons.map(reasonText).join('')}${body}`;
    const edited = editText(crlf ? text.replaceAll('\n', '\r\n') : text);
    if (last !== undefined && withoutComments(edited.text) === withoutComments(last.text)) {
      preserved(session, edited);
      throw new ExitWith(1, 'error: Edit cancelled, no valid changes were saved.');
    }
    if (last !== undefined) forget(last);
    last = edited;
    const content = withoutComments(edited.text);
    if (content === withoutComments(original) || content.trim() === '') {
      forget(edited);
      const why = content.trim() === '' ? 'saved file was empty' : 'no changes made';
      session.err(`Edit cancelled, ${why}.\n`);
      return;
    }
    body = edited.text.replaceAll('\r\n', '\n').replace(/^(#.*\n)*/, '');
    reasons = await store(session, objects, edited);
    if (reasons.length === 0) {
      forget(edited);
      return;
    }
  }
}

/** Stores what was edited; gives what must be mended first. */
async function store(
  session: Session,
  objects: readonly Editable[],
  edited: EditedText,
): Promise<readonly Reason[]> {
  let read: KubeObject[];
  try {
    read = (await objectsOfText(edited.text, 'edited-file')).map(({ object }) => object);
  } catch (error) {
    return [{ head: `The edited file had a syntax error: ${messageOf(error)}` }];
  }
  const reasons: Reason[] = [];
  let lost = false;
  for (const object of read) {
    const editable = objects.find(({ info }) => isSame(info.object, object));
    if (editable === undefined) {
      preserved(session, edited);
      throw new ExitWith(1, 'error: At least one of apiVersion, kind and name was changed');
    }
    try {
      await editable.save(object);
    } catch (error) {
      if (!(error instanceof StatusError)) {
        preserved(session, edited);
        throw error;
      }
      const { mapping, name } = editable.info;
      const what = `${mapping.resource}${mapping.group === '' ? '' : `.${mapping.group}`} "${name}"`;
      if (isInvalid(error)) {
        session.err(`error: ${what} is invalid\n`);
        const causes = error.status.details?.causes ?? [];
        const others = causes.map((cause) => `${cause.field}: ${cause.message}`);
        reasons.push({ head: `${what} was not valid`, others });
        continue;
      }
      lost = true;
      const { message } = error as Error;
      session.err(
        isNotFound(error)
          ? `error: ${what} could not be found on the server\nThe edits you made on deleted resources have been saved to "${edited.path}"\n`
          : `error: ${what} could not be patched: ${message}\nYou can run \`cox replace -f ${edited.path}\` to try this update again.\n`,
      );
    }
  }
  if (lost) throw new ExitWith(1, '');
  return reasons;
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  if (a.apiVersion !== b.apiVersion || a.kind !== b.kind) return false;
  return a.metadata.name === b.metadata.name && a.metadata.generateName === b.metadata.generateName;
}

function preserved(session: Session, { path }: EditedText): void {
  session.err(`A copy of your changes has been stored to "${path}"\n`);
}

function withoutComments(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(/^#.*\n?/gm, '');
}

function reasonText({ head, others = [] }: Reason): string {
  const commented = (text: string): string => text.replaceAll(/\n(?!#|$)/g, '\n# ');
  const lines = others.map((other) => `# * ${commented(other)}\n`);
  return `# ${commented(head)}${others.length > 0 ? ':' : ''}\n${lines.join('')}#\n`;
}
