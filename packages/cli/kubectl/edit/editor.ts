import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure } from '../error-text.ts';

/** Flags of every verb that opens an editor. */
export const editorFlags = {
  'windows-line-endings': { type: 'bool', default: 'false', help: 'End lines as Windows does' },
} as const;

/** A text as a person left it, and the file that it stands in. */
export interface EditedText {
  readonly text: string;
  readonly path: string;
}

/**
 * Opens a text in the editor of `KUBE_EDITOR` or `EDITOR`, else `vi`, and waits for it to end.
 * @throws Failure when the editor is not there or gives an error
 */
export function editText(text: string): EditedText {
  const path = join(mkdtempSync(join(tmpdir(), 'kubectl-edit-')), 'edit.yaml');
  writeFileSync(path, text, { mode: 0o600 });
  const editor = process.env['KUBE_EDITOR'] || process.env['EDITOR'] || 'vi';
  const result = spawnSync('sh', ['-c', `${editor} "$1"`, 'sh', path], { stdio: 'inherit' });
  if (result.error) throw new Failure(`unable to launch the editor "${editor}"`, { cause: result.error });
  if (result.status !== 0) throw new Failure(`there was a problem with the editor "${editor}"`);
  return { text: readFileSync(path, 'utf8'), path };
}

/** Removes the file of an edited text. */
export function forget({ path }: EditedText): void {
  rmSync(dirname(path), { recursive: true, force: true });
}
