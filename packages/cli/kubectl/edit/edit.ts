import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createMergePatch,
  createTwoWayMergePatch,
  deepEqual,
  type KubeObject,
  parseApiVersion,
} from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import { compactJson } from './print/json.ts';
import { ResultPrinter, withoutManagedFields } from './print/printer.ts';
import { formatYaml } from './print/yaml.ts';
import { parseDocuments } from './read-files.ts';
import { builderOptions, type Info, visit } from './resource-builder.ts';
import type { Session } from './session.ts';
import { fileFlags, managerFlag, printFlags, validateFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage: 'edit (RESOURCE/NAME | -f FILENAME)',
  summary: 'Edit a resource from the default editor.',
  flags: {
    ...fileFlags,
    ...printFlags,
    ...validateFlags,
    ...managerFlag('kubectl-edit'),
    'output-patch': { type: 'bool', default: 'false', help: 'Print the patch too' },
    'save-config': { type: 'bool', default: 'false', help: 'Accepted for compatibility' },
    subresource: { type: 'string', help: 'Subresource to edit' },
  },
  run: async (session) => {
    const { all: _, ...options } = builderOptions(session);
    const printer = await ResultPrinter.of(session);
    await visit(session, options, (info) => editOne(session, info, printer));
    return 0;
  },
};

export const edit = kubectlCommand('edit', verb);

const header = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

async function editOne(
  session: Session,
  info: Info & { object: KubeObject },
  printer: ResultPrinter,
): Promise<void> {
  const original = withoutManagedFields(info.object) as KubeObject;
  const dir = mkdtempSync(join(tmpdir(), 'kubectl-edit-'));
  const path = join(dir, `${info.name}.yaml`);
  let text = `${header}${formatYaml(original)}`;
  try {
    for (;;) {
      writeFileSync(path, text, { mode: 0o600 });
      openEditor(path);
      const edited = readFileSync(path, 'utf8');
      const [value] = edited === text ? [original] : await parseDocuments(edited, path);
      if (value === undefined || value === null || deepEqual(value, original)) {
        session.err('Edit cancelled, no changes made.\n');
        return;
      }
      try {
        const object = await save(session, info, original, value as KubeObject);
        printer.print({ ...info, object }, 'edited');
        return;
      } catch (error) {
        if ((error as Error).name !== 'StatusError' || edited === text) throw error;
        const reasons = (error as Error).message.split('\n').map((line) => `# ${line}\n`);
        text = `${header}${reasons.join('')}#\n${edited.replace(/^(#.*\n)*/, '')}`;
      }
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function save(
  session: Session,
  info: Info,
  original: KubeObject,
  edited: KubeObject,
): Promise<KubeObject> {
  const { typeOfKind } = await import('@coxswain/api');
  const type = typeOfKind({ ...parseApiVersion(original.apiVersion), kind: original.kind });
  const patch =
    type === undefined ? createMergePatch(original, edited) : createTwoWayMergePatch(original, edited, type);
  if (session.flags.bool('output-patch')) session.out(`Patch: ${compactJson(patch)}\n`);
  const subresource = session.flags.string('subresource');
  const media = type === undefined ? 'merge-patch' : 'strategic-merge-patch';
  return (await session.rest()).patch(
    subresource ? { ...info, subresource } : info,
    `application/${media}+json`,
    compactJson(patch),
    { fieldManager: session.flags.string('field-manager') },
  );
}

function openEditor(path: string): void {
  const editor = process.env['KUBE_EDITOR'] || process.env['EDITOR'] || 'vi';
  const result = spawnSync('sh', ['-c', `${editor} "$1"`, 'sh', path], { stdio: 'inherit' });
  if (result.error) throw new Failure(`unable to launch the editor "${editor}"`, { cause: result.error });
  if (result.status !== 0) throw new Failure(`there was a problem with the editor "${editor}"`);
}
