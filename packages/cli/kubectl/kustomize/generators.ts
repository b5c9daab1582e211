import { basename } from 'node:path';
import type { KubeObject } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import type { KustomizationFolder } from './kustomization.ts';
import { type Behavior, idText, Resource, sameId } from './resource.ts';

/** What holds for the objects that generators make. */
export interface GeneratorOptions {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly disableNameSuffixHash?: boolean;
  readonly immutable?: boolean;
}

/** An entry of `configMapGenerator` or `secretGenerator`. */
export interface GeneratorArgs {
  readonly name: string;
  readonly namespace?: string;
  readonly behavior?: Behavior;
  readonly files?: readonly string[];
  readonly literals?: readonly string[];
  readonly envs?: readonly string[];
  readonly env?: string;
  /** Of a secret. */
  readonly type?: string;
  readonly options?: GeneratorOptions;
}

/** base64 is cut into lines of so many characters. */
const base64Line = 70;

/** Makes the object of a generator and puts it among the resources, as its `behavior` says. Throws `Failure`. */
export function generate(
  kind: 'ConfigMap' | 'Secret',
  args: GeneratorArgs,
  common: GeneratorOptions | undefined,
  folder: KustomizationFolder,
  resources: Resource[],
): void {
  const { options = {}, behavior = 'create' } = args;
  const made = new Resource(objectOf(kind, args, withCommon(options, common), folder));
  made.hashed = !(options.disableNameSuffixHash ?? false) && !(common?.disableNameSuffixHash ?? false);
  const at = resources.findIndex((each) => each.ids.some((id) => sameId(id, made.id)));
  const old = resources[at];
  if (old === undefined) {
    if (behavior !== 'create') {
      throw new Failure(
        `merging from generator: id resid.ResId{Gvk:resid.Gvk{Group:"", Version:"v1", Kind:"${kind}", isClusterScoped:false}, Name:"${args.name}", Namespace:"${args.namespace ?? ''}"} does not exist; cannot merge or replace`,
      );
    }
    resources.push(made);
    return;
  }
  if (behavior === 'create') {
    throw new Failure(
      `merging from generator: id ${idText(made.id)} exists; behavior must be merge or replace`,
    );
  }
  old.object = replaced(old.object, made.object, behavior);
}

function withCommon(own: GeneratorOptions, common: GeneratorOptions = {}): GeneratorOptions {
  return {
    ...common,
    ...own,
    labels: { ...common.labels, ...own.labels },
    annotations: { ...common.annotations, ...own.annotations },
  };
}

function objectOf(
  kind: 'ConfigMap' | 'Secret',
  args: GeneratorArgs,
  options: GeneratorOptions,
  folder: KustomizationFolder,
): KubeObject {
  const data: Record<string, string> = {};
  const binaryData: Record<string, string> = {};
  for (const [key, value] of dataOf(args, folder)) {
    if (Object.hasOwn(data, key) || Object.hasOwn(binaryData, key)) {
      throw new Failure(`cannot add key ${JSON.stringify(key)}, another key by that name already exists`);
    }
    const text = value.toString('utf8');
    if (kind === 'Secret') data[key] = base64(value);
    else if (Buffer.from(text).equals(value)) data[key] = text;
    else binaryData[key] = base64(value);
  }
  const some = <T extends object>(name: string, map: T | undefined): object =>
    map !== undefined && Object.keys(map).length > 0 ? { [name]: map } : {};
  return {
    apiVersion: 'v1',
    kind,
    metadata: {
      name: args.name,
      ...(args.namespace === undefined ? {} : { namespace: args.namespace }),
      ...some('labels', options.labels),
      ...some('annotations', options.annotations),
    },
    ...some('data', data),
    ...some('binaryData', binaryData),
    ...(kind === 'Secret' ? { type: args.type ?? 'Opaque' } : {}),
    ...(options.immutable === true ? { immutable: true } : {}),
  };
}

function dataOf(args: GeneratorArgs, folder: KustomizationFolder): (readonly [string, Buffer])[] {
  const { literals = [], files = [], envs = [], env } = args;
  return [
    ...(env === undefined ? envs : [...envs, env]).flatMap((path) =>
      envLines(folder.read(path).toString('utf8')),
    ),
    ...files.map((source) => fileOf(source, folder)),
    ...literals.map(literalOf),
  ];
}

function literalOf(text: string): readonly [string, Buffer] {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new Failure(`invalid literal source ${text}, expected key=value`);
  const value = text.slice(equals + 1).replace(/^(["'])(.*)\1$/s, '$2');
  return [text.slice(0, equals), Buffer.from(value)];
}

function fileOf(source: string, folder: KustomizationFolder): readonly [string, Buffer] {
  const [first = '', path, ...more] = source.split('=');
  if (more.length > 0) throw new Failure("key names or file paths cannot contain '='");
  if (path === '') throw new Failure(`missing file path for key name '${first}' in source '${source}'`);
  if (first === '') throw new Failure(`missing key name for file path '${path}' in source '${source}'`);
  return [path === undefined ? basename(first) : first, folder.read(path ?? first)];
}

function envLines(text: string): (readonly [string, Buffer])[] {
  return text.split(/\r?\n/).flatMap((raw): (readonly [string, Buffer])[] => {
    const line = raw.trimStart();
    if (line === '' || line.startsWith('#')) return [];
    const equals = line.indexOf('=');
    if (equals < 0) return [[line, Buffer.from(process.env[line] ?? '')]];
    return [[line.slice(0, equals), Buffer.from(line.slice(equals + 1))]];
  });
}

function base64(value: Buffer): string {
  const text = value.toString('base64');
  return text.length < base64Line ? text : text.replaceAll(new RegExp(`.{1,${base64Line}}`, 'g'), '$&\n');
}

/** The old object's name and labels, with the new one's content put in the place of the old, or over it. */
function replaced(old: KubeObject, made: KubeObject, behavior: Behavior): KubeObject {
  const { labels, annotations } = old.metadata;
  const merged = (
    field: 'labels' | 'annotations',
    map: Readonly<Record<string, string>> | undefined,
  ): object => {
    const both = { ...map, ...made.metadata[field] };
    return Object.keys(both).length > 0 ? { [field]: both } : {};
  };
  const keep = behavior === 'merge';
  const content = (field: 'data' | 'binaryData'): object => {
    const both = { ...(keep ? old[field] : {}), ...made[field] };
    return Object.keys(both).length > 0 ? { [field]: both } : {};
  };
  const { data: _, binaryData: __, ...rest } = made;
  return {
    ...rest,
    metadata: { ...old.metadata, ...merged('labels', labels), ...merged('annotations', annotations) },
    ...content('data'),
    ...content('binaryData'),
  } as KubeObject;
}
