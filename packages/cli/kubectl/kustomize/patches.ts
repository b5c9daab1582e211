import { applyJsonPatch, decodeJsonPatch, type KubeObject, parseLabelSelector } from '@coxswain/machinery';
import { Failure, messageOf } from '../error-text.ts';
import type { KustomizationFolder } from './kustomization.ts';
import { readYaml } from './read-yaml.ts';
import { idText, Resource, sameId } from './resource.ts';
import { mergeStrategically } from './strategic-merge.ts';

/** What objects a patch is for; names and kinds are patterns. */
export interface Selector {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly annotationSelector?: string;
}

/** An entry of `patches`: a patch, or the file of one. */
export interface PatchSource {
  readonly path?: string;
  readonly patch?: string;
  readonly target?: Selector;
  readonly options?: { readonly allowNameChange?: boolean; readonly allowKindChange?: boolean };
}

/** Applies a patch to the resources that it is for. What it deletes is taken out. Throws `Failure`. */
export function applyPatch(source: PatchSource, folder: KustomizationFolder, resources: Resource[]): void {
  const { patch = '', path = '', target } = source;
  if (patch.trim() === '' && path === '') throw new Failure('must specify one of patch and path in');
  if (patch.trim() !== '' && path !== '') throw new Failure("patch and path can't be set at the same time");
  const text = path === '' ? patch : folder.read(path).toString('utf8');
  const documents = readYaml(text, path === '' ? 'patch' : path);
  if (documents.some(Array.isArray)) {
    if (target === undefined)
      throw new Failure(
        `must specify a target for JSON patch [${path === '' ? `patch: "${patch}"` : `path: "${path}"`}]`,
      );
    for (const resource of select(resources, target)) patchByOperations(resource, documents.flat());
    return;
  }
  for (const document of documents as KubeObject[]) mergePatch(document, source, resources);
}

/** The resources that a selector fits, by the names that they have or had first. */
export function select(resources: readonly Resource[], selector: Selector): Resource[] {
  const fits = (pattern: string | undefined, text: string): boolean =>
    !pattern || new RegExp(`^(?:${pattern})$`).test(text);
  const labels = parseLabelSelector(selector.labelSelector ?? '');
  const annotations = parseLabelSelector(selector.annotationSelector ?? '');
  return resources.filter((resource) => {
    const { metadata } = resource.object;
    return (
      [resource.id, resource.originalId].some(
        (id) =>
          fits(selector.group, id.group) &&
          fits(selector.version, id.version) &&
          fits(selector.kind, id.kind) &&
          fits(selector.name, id.name) &&
          fits(selector.namespace, id.namespace),
      ) &&
      labels.matches(metadata.labels) &&
      annotations.matches(metadata.annotations)
    );
  });
}

function patchByOperations(resource: Resource, operations: readonly unknown[]): void {
  resource.rememberId();
  try {
    resource.object = applyJsonPatch(resource.object, decodeJsonPatch(operations));
  } catch (error) {
    throw new Failure(messageOf(error), { cause: error });
  }
}

function mergePatch(patch: KubeObject, source: PatchSource, resources: Resource[]): void {
  const targets = source.target === undefined ? [named(patch, resources)] : select(resources, source.target);
  for (const resource of targets) {
    const { kind, metadata } = resource.object;
    const merged = mergeStrategically(resource.object, patch);
    if (merged === undefined) {
      resources.splice(resources.indexOf(resource), 1);
      continue;
    }
    resource.rememberId();
    const { name, namespace: _, ...others } = merged.metadata;
    const kept = source.options?.allowNameChange === true ? name : metadata.name;
    resource.object = {
      ...merged,
      kind: source.options?.allowKindChange === true ? merged.kind : kind,
      metadata: {
        ...others,
        ...(kept === undefined ? {} : { name: kept }),
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      },
    };
  }
}

/** The one resource that bears the patch's name, or bore it. */
function named(patch: KubeObject, resources: readonly Resource[]): Resource {
  const { id } = new Resource(patch);
  const [found, ...more] = resources.filter((each) => each.ids.some((other) => sameId(other, id)));
  if (found === undefined) {
    throw new Failure(
      `no resource matches strategic merge patch "${idText(id)}": no matches for Id ${idText(id)}; failed to find unique target for patch ${idText(id)}`,
    );
  }
  if (more.length > 0) {
    throw new Failure(
      `multiple matches for Id ${idText(id)}; failed to find unique target for patch ${idText(id)}`,
    );
  }
  return found;
}
