import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { decodeYaml } from '@coxswain/api';
import { Failure } from '../error-text.ts';
import type { FieldSpec } from './field-spec.ts';
import type { GeneratorArgs, GeneratorOptions } from './generators.ts';
import type { ImageChange } from './images.ts';
import type { SortOptions } from './order.ts';
import type { PatchSource, Selector } from './patches.ts';
import type { Replacement } from './replacements.ts';

type Pairs = Readonly<Record<string, string>>;

/** A kustomization file (kustomize.config.k8s.io), as far as it is supported. */
export interface Kustomization {
  readonly kind?: string;
  readonly resources?: readonly string[];
  readonly bases?: readonly string[];
  readonly components?: readonly string[];
  readonly namespace?: string;
  readonly namePrefix?: string;
  readonly nameSuffix?: string;
  readonly commonLabels?: Pairs;
  readonly commonAnnotations?: Pairs;
  readonly labels?: readonly {
    readonly pairs?: Pairs;
    readonly includeSelectors?: boolean;
    readonly includeTemplates?: boolean;
    readonly fields?: readonly FieldSpec[];
  }[];
  readonly configMapGenerator?: readonly GeneratorArgs[];
  readonly secretGenerator?: readonly GeneratorArgs[];
  readonly generatorOptions?: GeneratorOptions;
  readonly patches?: readonly PatchSource[];
  readonly patchesStrategicMerge?: readonly string[];
  readonly patchesJson6902?: readonly (PatchSource & { readonly target?: Selector })[];
  readonly images?: readonly ImageChange[];
  readonly replicas?: readonly { readonly name: string; readonly count: number }[];
  readonly replacements?: readonly (Replacement | { readonly path: string })[];
  readonly sortOptions?: SortOptions;
}

const supported = new Set([
  'apiVersion',
  'kind',
  'metadata',
  'resources',
  'bases',
  'components',
  'namespace',
  'namePrefix',
  'nameSuffix',
  'commonLabels',
  'commonAnnotations',
  'labels',
  'configMapGenerator',
  'secretGenerator',
  'generatorOptions',
  'patches',
  'patchesStrategicMerge',
  'patchesJson6902',
  'images',
  'replicas',
  'replacements',
  'sortOptions',
]);
const unsupported = new Set([
  'vars',
  'configurations',
  'crds',
  'generators',
  'transformers',
  'validators',
  'helmCharts',
  'helmGlobals',
  'helmChartInflationGenerator',
  'openapi',
  'buildMetadata',
]);
const deprecated: Readonly<Record<string, string>> = {
  bases: 'resources',
  commonLabels: 'labels',
  patchesJson6902: 'patches',
  patchesStrategicMerge: 'patches',
};
const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Why a path is no folder. */
function fault(path: string, full: string): string {
  return statSync(full, { throwIfNoEntry: false }) === undefined
    ? `not a valid directory: evalsymlink failure on '${path}' : lstat ${full}: no such file or directory`
    : `'${full}': file is not directory`;
}

/** Where a kustomization reads its files: below its folder, unless it may read anywhere. */
export class KustomizationFolder {
  readonly root: string;
  readonly #anywhere: boolean;

  constructor(path: string, anywhere: boolean) {
    this.root = resolve(path);
    this.#anywhere = anywhere;
    if (statSync(this.root, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new Failure(`must build at directory: ${fault(path, this.root)}`);
    }
  }

  /** The kustomization of a folder next to this one, or above or below it. Throws `Failure` for its own folder. */
  folder(path: string): KustomizationFolder {
    const folder = new KustomizationFolder(join(this.root, path), this.#anywhere);
    if (folder.root === this.root)
      throw new Failure(
        `cycle detected: candidate root '${folder.root}' contains visited root '${this.root}'`,
      );
    return folder;
  }

  isFolder(path: string): boolean {
    return statSync(resolve(this.root, path), { throwIfNoEntry: false })?.isDirectory() === true;
  }

  /** The bytes of a file. Throws `Failure` when it may not be read. */
  read(path: string): Buffer {
    const full = resolve(this.root, path);
    const below = relative(this.root, full);
    if (!this.#anywhere && (below.startsWith('..') || isAbsolute(below))) {
      throw new Failure(`security; file '${full}' is not in or below '${this.root}'`);
    }
    try {
      return readFileSync(full);
    } catch (cause) {
      const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      throw new Failure(absent ? `open ${full}: no such file or directory` : (cause as Error).message, {
        cause,
      });
    }
  }

  /**
   * The kustomization of the folder.
   * @param warn told of fields that are going out of use
   * @throws Failure when there is none, or it is wrong, or says what is not supported
   */
  kustomization(warn: (text: string) => void): Kustomization {
    const found = fileNames.filter((name) =>
      statSync(join(this.root, name), { throwIfNoEntry: false })?.isFile(),
    );
    const [name, ...more] = found;
    if (name === undefined) {
      throw new Failure(
        `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${this.root}'`,
      );
    }
    if (more.length > 0) throw new Failure(`Found multiple kustomization files under: ${this.root}`);
    const { object } = decodeYaml(this.read(name).toString('utf8'), undefined, { strict: false });
    const fields = Object.keys((object as object | null) ?? {});
    for (const field of fields) {
      if (unsupported.has(field)) throw new Failure(`kustomization field "${field}" is not supported`);
      if (!supported.has(field)) throw new Failure(`invalid Kustomization: json: unknown field "${field}"`);
      const better = deprecated[field];
      if (better !== undefined) {
        warn(
          `# Warning: '${field}' is deprecated. Please use '${better}' instead. Run 'kustomize edit fix' to update your Kustomization automatically.\n`,
        );
      }
    }
    if (fields.every((field) => ['apiVersion', 'kind', 'metadata'].includes(field))) {
      throw new Failure('kustomization.yaml is empty');
    }
    checkTexts((object ?? {}) as object);
    return object as unknown as Kustomization;
  }
}

/** Names and labels are texts; what YAML takes for something else must be quoted. Throws `Failure`. */
function checkTexts(kustomization: object): void {
  const check = (field: string, value: unknown): void => {
    if (value === undefined || value === null || typeof value === 'string') return;
    const type = typeof value === 'boolean' ? 'bool' : typeof value;
    throw new Failure(
      `invalid Kustomization: json: cannot unmarshal ${type} into Go struct field Kustomization.${field} of type string`,
    );
  };
  const fields = kustomization as Readonly<Record<string, unknown>>;
  for (const field of ['namespace', 'namePrefix', 'nameSuffix']) check(field, fields[field]);
  for (const field of ['commonLabels', 'commonAnnotations']) {
    for (const value of Object.values((fields[field] as object) ?? {})) check(field, value);
  }
}
