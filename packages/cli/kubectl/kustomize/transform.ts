import { Failure } from '../error-text.ts';
import { changeField, type FieldSpec, isOfKind } from './field-spec.ts';
import {
  commonAnnotations,
  commonLabels,
  keepsName,
  metadataLabels,
  namespaceFields,
  replicaKinds,
  templateLabels,
} from './field-specs.ts';
import { changeImages } from './images.ts';
import type { Kustomization, KustomizationFolder } from './kustomization.ts';
import { applyPatch } from './patches.ts';
import { readYaml } from './read-yaml.ts';
import { type Replacement, replace } from './replacements.ts';
import { isClusterScoped, type Resource } from './resource.ts';

/** What a kustomization does to the resources that it has gathered, in kustomize's order. Throws `Failure`. */
export function transform(
  kustomization: Kustomization,
  folder: KustomizationFolder,
  resources: Resource[],
): void {
  const { patches = [], patchesStrategicMerge = [], patchesJson6902 = [] } = kustomization;
  for (const text of patchesStrategicMerge) {
    const inline = /\n|:\s/.test(text.trim());
    applyPatch(inline ? { patch: text } : { path: text }, folder, resources);
  }
  for (const patch of patches) applyPatch(patch, folder, resources);
  if (kustomization.namespace) setNamespace(resources, kustomization.namespace);
  addToNames(resources, kustomization.namePrefix ?? '', kustomization.nameSuffix ?? '');
  setLabels(resources, kustomization);
  setPairs(resources, kustomization.commonAnnotations ?? {}, commonAnnotations);
  for (const patch of patchesJson6902) applyPatch(patch, folder, resources);
  for (const replicas of kustomization.replicas ?? []) setReplicas(resources, replicas);
  for (const image of kustomization.images ?? []) {
    for (const { object } of resources)
      if (object.kind !== 'CustomResourceDefinition') changeImages(object, image);
  }
  for (const replacement of replacementsOf(kustomization, folder)) replace(replacement, resources);
}

function setNamespace(resources: readonly Resource[], namespace: string): void {
  for (const resource of resources) {
    const { object } = resource;
    resource.rememberId();
    if (!isClusterScoped(resource.id)) object.metadata = { ...object.metadata, namespace };
    if (/^(Cluster)?RoleBinding$/.test(object.kind)) {
      for (const subject of object['subjects'] ?? [])
        if (subject.name === 'default') subject.namespace = namespace;
    }
    for (const field of namespaceFields) {
      if (isOfKind(field, resource.id)) changeField(object, field, () => namespace);
    }
  }
}

function addToNames(resources: readonly Resource[], prefix: string, suffix: string): void {
  for (const resource of resources) {
    if (keepsName.some((kind) => isOfKind(kind, resource.id))) continue;
    resource.prefixes.push(prefix);
    resource.suffixes.push(suffix);
    if (prefix === '' && suffix === '') continue;
    resource.rememberId();
    const { metadata } = resource.object;
    resource.object.metadata = { ...metadata, name: `${prefix}${metadata.name ?? ''}${suffix}` };
  }
}

function setLabels(
  resources: readonly Resource[],
  { labels = [], commonLabels: common = {} }: Kustomization,
): void {
  for (const { pairs = {}, includeSelectors = false, includeTemplates = false, fields = [] } of labels) {
    if (includeSelectors && includeTemplates)
      throw new Failure('includeSelectors and includeTemplates cannot be set at the same time');
    const usual = includeSelectors
      ? commonLabels
      : includeTemplates
        ? [metadataLabels, ...templateLabels]
        : [metadataLabels];
    setPairs(resources, pairs, [...usual, ...fields]);
  }
  setPairs(resources, common, commonLabels);
}

function setPairs(
  resources: readonly Resource[],
  pairs: Readonly<Record<string, string>>,
  fields: readonly FieldSpec[],
): void {
  if (Object.keys(pairs).length === 0) return;
  for (const resource of resources) {
    for (const field of fields) {
      if (isOfKind(field, resource.id)) changeField(resource.object, field, (old) => ({ ...old, ...pairs }));
    }
  }
}

function setReplicas(resources: readonly Resource[], { name, count }: { name: string; count: number }): void {
  const fitting = resources.filter(
    (resource) =>
      resource.ids.some((id) => id.name === name) && replicaKinds.some((kind) => isOfKind(kind, resource.id)),
  );
  if (fitting.length === 0) {
    throw new Failure(
      `resource with name ${name} does not match a config with the following GVK [${replicaKinds.map((spec) => `${spec.kind}.[noVer].[noGrp]`).join(' ')}]`,
    );
  }
  for (const { object } of fitting) changeField(object, { path: 'spec/replicas', create: true }, () => count);
}

function replacementsOf(kustomization: Kustomization, folder: KustomizationFolder): Replacement[] {
  return (kustomization.replacements ?? []).flatMap((each) => {
    if (!('path' in each)) return [each];
    const read = readYaml(folder.read(each.path).toString('utf8'), each.path).flat();
    return read as Replacement[];
  });
}
