import { resolve } from 'node:path';
import { copyJson, type KubeObject } from '@coxswain/machinery';
import { Failure, messageOf } from '../error-text.ts';
import { generate } from './generators.ts';
import { contentHash } from './hash.ts';
import { KustomizationFolder } from './kustomization.ts';
import { fixNameReferences } from './name-references.ts';
import { inOrder } from './order.ts';
import { readYaml, writtenAnnotations } from './read-yaml.ts';
import { idText, Resource, sameId } from './resource.ts';
import { transform } from './transform.ts';

interface BuildOptions {
  /** Files may lie anywhere (`--load-restrictor LoadRestrictionsNone`). */
  readonly anywhere?: boolean;
  /** Told of fields that are going out of use. */
  readonly warn: (text: string) => void;
}

/** The objects of the kustomization in a folder, in order. Throws `Failure`. */
export function buildKustomization(path: string, options: BuildOptions): KubeObject[] {
  if (/^(?:https?|ssh|git):|^git@|\?ref=/.test(path)) {
    throw new Failure(`evalsymlink failure on '${path}': kustomizations of other machines are not fetched`);
  }
  const folder = new KustomizationFolder(path, options.anywhere === true);
  const { resources, sortOptions } = gather(folder, [], false, options.warn);
  for (const resource of resources) {
    if (!resource.hashed && !needsHash(resource)) continue;
    resource.rememberId();
    const { metadata } = resource.object;
    resource.object.metadata = { ...metadata, name: `${metadata.name}-${contentHash(resource.object)}` };
  }
  fixNameReferences(resources);
  return inOrder(resources, sortOptions)
    .map(({ object }) => withoutDirectives(object))
    .filter((object) => object.metadata.annotations?.['config.kubernetes.io/local-config'] !== 'true');
}

type Gathered = { readonly resources: Resource[]; readonly sortOptions?: Parameters<typeof inOrder>[1] };

/** @param into the resources that a component works on; a kustomization starts with none */
function gather(
  folder: KustomizationFolder,
  into: Resource[],
  component: boolean,
  warn: (text: string) => void,
): Gathered {
  const kustomization = folder.kustomization(warn);
  const { kind = 'Kustomization', sortOptions } = kustomization;
  if (component !== (kind === 'Component')) {
    throw new Failure(
      component
        ? `accumulating components: accumulateDirectory: "expected kind 'Component' for path '${folder.root}' but got '${kind}'"`
        : `expected kind != 'Component' for path '${folder.root}'`,
    );
  }
  const resources = into;
  for (const path of [...(kustomization.resources ?? []), ...(kustomization.bases ?? [])]) {
    accumulate(folder, path, resources, warn);
  }
  const { generatorOptions } = kustomization;
  for (const args of kustomization.configMapGenerator ?? []) {
    generate('ConfigMap', args, generatorOptions, folder, resources);
  }
  for (const args of kustomization.secretGenerator ?? []) {
    generate('Secret', args, generatorOptions, folder, resources);
  }
  for (const path of kustomization.components ?? []) gather(folder.folder(path), resources, true, warn);
  transform(kustomization, folder, resources);
  return { resources, ...(sortOptions === undefined ? {} : { sortOptions }) };
}

/** Adds the resources of a file, or of another kustomization. */
function accumulate(
  folder: KustomizationFolder,
  path: string,
  resources: Resource[],
  warn: (text: string) => void,
): void {
  if (/^https?:/.test(path)) {
    throw new Failure(`accumulating resources: resources of other machines are not fetched: ${path}`);
  }
  if (folder.isFolder(path)) {
    const below = folder.folder(path);
    for (const each of gatherBelow(below, path, warn)) {
      add(resources, each, (why) => `accumulating resources: ${why}`);
    }
    return;
  }
  const wrapped = (why: string): string => {
    const full = resolve(folder.root, path);
    return `accumulating resources: accumulation err='${why}': must build at directory: '${full}': file is not directory`;
  };
  let read: Resource[];
  try {
    read = resourcesOf(folder, path);
  } catch (error) {
    throw new Failure(wrapped(`accumulating resources from '${path}': ${messageOf(error)}`), {
      cause: error,
    });
  }
  for (const each of read) add(resources, each, (why) => wrapped(`merging resources from '${path}': ${why}`));
}

function gatherBelow(folder: KustomizationFolder, path: string, warn: (text: string) => void): Resource[] {
  try {
    return gather(folder, [], false, warn).resources;
  } catch (error) {
    const why = messageOf(error);
    // Kinds and files are looked at before anything is gathered.
    const early = /^(expected kind|unable to find one of|invalid Kustomization|kustomization)/.test(why);
    const where = early ? '' : `recursed accumulation of path '${folder.root}': `;
    throw new Failure(
      `accumulating resources: accumulation err='accumulating resources from '${path}': '${folder.root}' must resolve to a file': ${where}${why}`,
      { cause: error },
    );
  }
}

function add(resources: Resource[], resource: Resource, words: (why: string) => string): void {
  if (resources.some((each) => sameId(each.id, resource.id))) {
    throw new Failure(words(`may not add resource with an already registered id: ${idText(resource.id)}`));
  }
  resources.push(resource);
}

function resourcesOf(folder: KustomizationFolder, path: string): Resource[] {
  const text = folder.read(path).toString('utf8');
  const annotations = writtenAnnotations(text, path);
  return readYaml(text, path)
    .map((document, i) => withAnnotations(document as KubeObject, annotations[i]))
    .flatMap(objectsOf)
    .map((object) => new Resource(copyJson(object)));
}

function withAnnotations(
  object: KubeObject,
  annotations: Readonly<Record<string, string>> | undefined,
): KubeObject {
  return annotations === undefined ? object : { ...object, metadata: { ...object.metadata, annotations } };
}

function objectsOf(document: unknown): KubeObject[] {
  const object = document as KubeObject;
  if (object.kind?.endsWith('List') && Array.isArray(object['items']))
    return object['items'].flatMap(objectsOf);
  if (!object.kind) throw new Failure(`missing metadata.name or kind in object ${JSON.stringify(object)}`);
  return [{ ...object, metadata: object.metadata ?? {} }];
}

const needsHashAnnotation = 'kustomize.config.k8s.io/needs-hash';
const directives = new Set([needsHashAnnotation, 'kustomize.config.k8s.io/behavior']);

function needsHash({ object }: Resource): boolean {
  return object.metadata.annotations?.[needsHashAnnotation] === 'true';
}

function withoutDirectives(object: KubeObject): KubeObject {
  const { annotations, ...metadata } = object.metadata;
  if (annotations === undefined) return object;
  const kept = Object.entries(annotations).filter(([name]) => !directives.has(name));
  return {
    ...object,
    metadata: kept.length === 0 ? metadata : { ...metadata, annotations: Object.fromEntries(kept) },
  };
}
