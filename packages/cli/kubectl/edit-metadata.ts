import { isQualifiedName, isValidLabelValue, type KubeObject } from '@coxswain/machinery';
import type { FlagSpecs } from '../flags.ts';
import { Failure, throwAll } from './error-text.ts';
import { compactJson } from './print/json.ts';
import { type DryRun, dryRunOf, ResultPrinter } from './print/printer.ts';
import { fileSources } from './read-files.ts';
import { builderOptions, fetchWanted, type Info, nameOf, resolveWanted } from './resource-builder.ts';
import type { Session } from './session.ts';
import { dryRunFlags, fileFlags, managerFlag, printFlags, selectorFlags } from './shared-flags.ts';
import type { Verb } from './verb.ts';

/** What tells `label` and `annotate` apart. */
interface MetadataVerb {
  readonly name: 'label' | 'annotate';
  readonly field: 'labels' | 'annotations';
  readonly summary: string;
}

const flagsOf = (name: string): FlagSpecs => ({
  ...fileFlags,
  ...printFlags,
  ...dryRunFlags,
  ...selectorFlags,
  ...managerFlag(`kubectl-${name}`),
  all: { type: 'bool', default: 'false', help: 'All of the type' },
  'all-namespaces': { type: 'bool', shorthand: 'A', default: 'false', help: 'In all namespaces' },
  'field-selector': { type: 'string', help: 'Field selector' },
  list: { type: 'bool', default: 'false', help: 'Show what is set' },
  local: { type: 'bool', default: 'false', help: 'Change the file alone, without the server' },
  overwrite: { type: 'bool', default: 'false', help: 'Change what is set already' },
  'resource-version': { type: 'string', help: 'Change only when this is the version now' },
});

/** The verb that sets and removes labels or annotations. */
export function metadataVerb(kind: MetadataVerb): Verb {
  return {
    usage: `${kind.name} [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]`,
    summary: kind.summary,
    flags: flagsOf(kind.name),
    run: (session) => run(session, kind),
  };
}

interface Changes {
  readonly set: ReadonlyMap<string, string>;
  readonly remove: readonly string[];
}

async function run(session: Session, kind: MetadataVerb): Promise<number> {
  const { flags, args } = session;
  const first = args.findIndex((arg, i) => i > 0 && isChange(arg));
  const start = args.length > 0 && isChange(args[0] as string) ? 0 : first < 0 ? args.length : first;
  const resources = args.slice(0, start);
  const noun = kind.name === 'label' ? 'label' : 'annotation';
  const changes = parseChanges(args.slice(start), kind);
  const listing = flags.bool('list');
  if (resources.length === 0 && fileSources(session) === undefined) {
    throw new Failure('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  }
  if (changes.set.size === 0 && changes.remove.length === 0 && !listing) {
    throw new Failure(`at least one ${noun} update is required`);
  }
  const dryRun = dryRunOf(session);
  const printer = await ResultPrinter.of(session, dryRun);
  const errors: unknown[] = [];
  const wanted = await resolveWanted(session, builderOptions(session, resources));
  const infos = flags.bool('local') ? [...wanted.infos] : await fetchWanted(session, wanted, errors);
  for (const info of infos) {
    try {
      if (listing) listMetadata(session, info, kind, infos.length > 1);
      const { object, done } = await change(
        session,
        info as Info & { object: KubeObject },
        changes,
        kind,
        dryRun,
      );
      if (!listing || changes.set.size + changes.remove.length > 0) printer.print({ ...info, object }, done);
    } catch (error) {
      errors.push(error);
    }
  }
  throwAll(errors);
  return 0;
}

function isChange(arg: string): boolean {
  return arg.includes('=') || arg.endsWith('-');
}

function parseChanges(args: readonly string[], kind: MetadataVerb): Changes {
  const set = new Map<string, string>();
  const remove: string[] = [];
  const noun = kind.name === 'label' ? 'label' : 'annotation';
  for (const arg of args) {
    const equals = arg.indexOf('=');
    if (equals > 0) {
      const [key, value] = [arg.slice(0, equals), arg.slice(equals + 1)];
      const faults = [...isQualifiedName(key), ...(kind.name === 'label' ? isValidLabelValue(value) : [])];
      if (faults.length > 0 && kind.name === 'label')
        throw new Failure(
          `invalid label ${isQualifiedName(key).length > 0 ? 'key' : 'value'}: "${arg}": ${faults.join(';')}`,
        );
      set.set(key, value);
    } else if (arg.endsWith('-') && equals < 0) remove.push(arg.slice(0, -1));
    else throw new Failure(`unknown ${noun} spec: ${arg}`);
  }
  for (const key of remove) {
    if (set.has(key))
      throw new Failure(
        `can not both modify and remove ${kind.name === 'label' ? 'a label' : 'an annotation'} in the same command`,
      );
  }
  return { set, remove };
}

async function change(
  session: Session,
  info: Info & { readonly object: KubeObject },
  { set, remove }: Changes,
  kind: MetadataVerb,
  dryRun: DryRun,
): Promise<{ object: KubeObject; done: string }> {
  const { flags } = session;
  const before = info.object.metadata[kind.field] ?? {};
  const after = { ...before };
  const patch: Record<string, string | null> = {};
  if (!flags.bool('overwrite')) refuseOverwriting(before, set, kind);
  for (const [key, value] of set) {
    after[key] = value;
    if (before[key] !== value) patch[key] = value;
  }
  for (const key of remove) {
    if (before[key] === undefined) {
      session.out(kind.name === 'label' ? `label "${key}" not found.\n` : '');
      continue;
    }
    delete after[key];
    patch[key] = null;
  }
  const metadata = { ...info.object.metadata, [kind.field]: after };
  const local = { ...info.object, metadata };
  if (flags.bool('local') || dryRun === 'client' || flags.bool('list')) {
    return { object: local, done: resultOf(session, info.object, local, kind) };
  }
  const version = flags.string('resource-version');
  const body = compactJson({
    metadata: { [kind.field]: patch, ...(version ? { resourceVersion: version } : {}) },
  });
  const done = resultOf(session, info.object, local, kind);
  if (Object.keys(patch).length === 0 && done === 'not labeled') return { object: info.object, done };
  const object = await (await session.rest()).patch(info, 'application/merge-patch+json', body, {
    fieldManager: flags.string('field-manager'),
    dryRun: dryRun === 'server' ? 'All' : undefined,
  });
  return { object, done };
}

function refuseOverwriting(
  before: Record<string, string>,
  set: ReadonlyMap<string, string>,
  kind: MetadataVerb,
): void {
  const faults: Failure[] = [];
  for (const [key, value] of set) {
    const held = before[key];
    if (held === undefined || held === value) continue;
    if (kind.name === 'label')
      faults.push(new Failure(`'${key}' already has a value (${held}), and --overwrite is false`));
    else
      faults.push(
        new Failure(
          `--overwrite is false but found the following declared annotation(s): '${key}' already has a value (${held})`,
        ),
      );
  }
  throwAll(faults);
}

/** How the outcome is told: kubectl compares the objects' texts and their lengths. */
function resultOf(session: Session, before: KubeObject, after: KubeObject, kind: MetadataVerb): string {
  if (kind.name === 'annotate') return 'annotated';
  const [old, now] = [compactJson(before), compactJson(after)];
  if (old === now) return 'not labeled';
  return !session.flags.bool('overwrite') && now.length < old.length ? 'unlabeled' : 'labeled';
}

function listMetadata(session: Session, info: Info, kind: MetadataVerb, several: boolean): void {
  if (several) session.out(`Listing ${kind.field} for ${nameOf(info)}:\n`);
  const entries = Object.entries(info.object?.metadata[kind.field] ?? {});
  const indent = several ? ' ' : '';
  for (const [key, value] of entries.sort(([a], [b]) => (a < b ? -1 : 1)))
    session.out(`${indent}${key}=${value}\n`);
}
