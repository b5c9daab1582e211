import { readFileSync } from 'node:fs';
import {
  applyJsonPatch,
  applyMergePatch,
  deepEqual,
  type KubeObject,
  parseApiVersion,
  writeJson,
} from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import { dryRunOf, ResultPrinter } from './print/printer.ts';
import { parseDocuments, requiredFiles } from './read-files.ts';
import { builderOptions, type Info, infosOfFiles, visit } from './resource-builder.ts';
import type { Session } from './session.ts';
import { dryRunFlags, fileFlags, managerFlag, printFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage: 'patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]',
  summary: 'Update fields of a resource using strategic merge patch, a JSON merge patch, or a JSON patch.',
  flags: {
    ...fileFlags,
    ...printFlags,
    ...dryRunFlags,
    ...managerFlag('kubectl-patch'),
    local: { type: 'bool', default: 'false', help: 'Patch the file alone, without the server' },
    patch: { type: 'string', shorthand: 'p', help: 'The patch' },
    'patch-file': { type: 'string', help: 'File with the patch' },
    subresource: { type: 'string', help: 'Subresource to patch' },
    type: { type: 'string', default: 'strategic', help: 'json, merge or strategic' },
  },
  run,
};

export const patch = kubectlCommand('patch', verb);

const types: Readonly<Record<string, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

async function run(session: Session): Promise<number> {
  const { flags } = session;
  const [inline, file] = [flags.string('patch'), flags.string('patch-file')];
  if (inline !== undefined && file !== undefined)
    throw new Failure('cannot specify --patch and --patch-file together');
  if (!inline && !file)
    throw new Failure('must specify --patch or --patch-file containing the contents of the patch');
  const type = types[(flags.string('type') ?? '').toLowerCase()];
  if (type === undefined) {
    throw new Failure(`--type must be one of [json merge strategic], not "${flags.string('type')}"`);
  }
  const text = file ? readFileSync(file, 'utf8') : (inline as string);
  // A JSON object goes over as it is: the server judges it.
  const isJson = text.trimStart().startsWith('{');
  const local = flags.bool('local') || dryRunOf(session) === 'client';
  const body = isJson && !local ? undefined : await parsePatch(text);
  const raw = isJson ? text : writeJson(body);
  const dryRun = dryRunOf(session);
  const printer = await ResultPrinter.of(session, dryRun);
  const subresource = flags.string('subresource');
  const rest = await session.rest();
  if (flags.bool('local')) {
    for (const info of await infosOfFiles(session, requiredFiles(session))) {
      printer.print({ ...info, object: await patchedLocally(info.object!, body, type) }, 'patched');
    }
    return 0;
  }
  const { all: _, ...options } = builderOptions(session);
  const count = await visit(session, options, async (info) => {
    if (dryRun === 'client') {
      printer.print({ ...info, object: await patchedLocally(info.object, body, type) }, 'patched');
      return;
    }
    const object = await rest.patch(subresource ? { ...info, subresource } : info, type, raw, {
      fieldManager: flags.string('field-manager'),
      dryRun: dryRun === 'server' ? 'All' : undefined,
    });
    const unchanged = deepEqual(
      withoutMeta(info.object),
      withoutMeta({ ...object, kind: info.mapping.kind }),
    );
    printer.print(
      { ...info, mapping: mappingOf(object, info), object },
      unchanged ? 'patched (no change)' : 'patched',
    );
  });
  if (count === 0) throw new Failure('no objects passed to patch');
  return 0;
}

/** The answer of a subresource may be of another kind. */
function mappingOf(object: KubeObject, info: Info): Info['mapping'] {
  const { kind, apiVersion } = object;
  if (kind === undefined || kind === info.mapping.kind) return info.mapping;
  return { ...info.mapping, kind, group: parseApiVersion(apiVersion).group };
}

function withoutMeta(object: KubeObject): object {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

async function parsePatch(text: string): Promise<unknown> {
  try {
    return (await parseDocuments(text, 'patch'))[0];
  } catch (cause) {
    throw new Failure(`unable to parse ${JSON.stringify(text)}: ${(cause as Error).message}`, { cause });
  }
}

async function patchedLocally(object: KubeObject, body: any, type: string): Promise<KubeObject> {
  if (type === types['json']) return applyJsonPatch(object, body) as KubeObject;
  if (type === types['merge']) return applyMergePatch(object, body) as KubeObject;
  const { applyStrategicMergePatch } = await import('@coxswain/machinery');
  const { typeOfKind } = await import('@coxswain/api');
  const fact = typeOfKind({ ...parseApiVersion(object.apiVersion), kind: object.kind });
  if (fact === undefined)
    throw new Failure('strategic merge patch is not supported for custom resources locally');
  return applyStrategicMergePatch(object, body, fact);
}
