import type { apiextensionsv1 } from '@coxswain/api';
import type { KubeObject, ResourceFact, SubresourceFact, TypeFact } from '@coxswain/machinery';
import { readSchema, type Schema } from './schema/schema.ts';
import { typeOfSchema } from './schema/type-fact.ts';

/** A stored CustomResourceDefinition. */
export type Definition = KubeObject &
  apiextensionsv1.CustomResourceDefinition & { spec: apiextensionsv1.CustomResourceDefinitionSpec };
export type DefinitionVersion = apiextensionsv1.CustomResourceDefinitionVersion;
export type DefinitionCondition = apiextensionsv1.CustomResourceDefinitionCondition;
/** What a condition says, but for when it began. */
export type Condition = Pick<DefinitionCondition, 'type' | 'status' | 'reason' | 'message'>;

/** The finalizer that holds a definition until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/** As upstream's discovery lists them. */
const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
/** What is left while the definition goes. */
const terminatingVerbs = ['delete', 'deletecollection', 'get', 'list', 'watch'];
const subresourceVerbs = ['get', 'patch', 'update'];

export function conditionOf(definition: Definition, type: string): DefinitionCondition | undefined {
  return definition.status?.conditions?.find((condition) => condition.type === type);
}

export function isTrue(definition: Definition, type: string): boolean {
  return conditionOf(definition, type)?.status === 'True';
}

export function isSameCondition(a: Condition | undefined, b: Condition | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.type === b.type && a.status === b.status && a.reason === b.reason && a.message === b.message;
}

/** The version that objects are stored in. */
export function storageVersion(definition: Definition): DefinitionVersion | undefined {
  return definition.spec.versions.find((version) => version.storage);
}

/** The schema that a version says it has. */
export function ownSchemaOf(version: DefinitionVersion): Schema | undefined {
  const schema = version.schema?.openAPIV3Schema as Schema | undefined;
  return schema === undefined ? undefined : readSchema(schema);
}

/** The schema of a version; one that keeps everything where the version has none. */
export function schemaOf(version: DefinitionVersion): Schema {
  return ownSchemaOf(version) ?? { 'x-kubernetes-preserve-unknown-fields': true };
}

/** `com.example.stable.v1.CronTab`. */
function definitionName(group: string, version: string, kind: string): string {
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

/** What discovery says can be done with the objects of a definition: while it goes, nothing that keeps them. */
export function shownVerbs(definition: Definition): readonly string[] {
  return isTrue(definition, 'Terminating') ? terminatingVerbs : verbs;
}

/** What discovery and the registry know of one version of a definition. */
export function factOf(definition: Definition, version: DefinitionVersion): ResourceFact {
  const { spec } = definition;
  const names = definition.status?.acceptedNames ?? spec.names;
  const gvk = { group: spec.group, version: version.name, kind: names.kind };
  const subresources = new Map<string, SubresourceFact>();
  if (version.subresources?.status !== undefined) {
    subresources.set('status', { name: 'status', verbs: subresourceVerbs, kind: gvk });
  }
  if (version.subresources?.scale !== undefined) {
    const kind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
    subresources.set('scale', { name: 'scale', verbs: subresourceVerbs, kind });
  }
  let type: TypeFact | undefined;
  return {
    group: spec.group,
    version: version.name,
    resource: spec.names.plural,
    singular: names.singular ?? '',
    kind: names.kind,
    namespaced: spec.scope === 'Namespaced',
    verbs,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    subresources,
    storageVersionHash: '',
    returnsDeleted: false,
    get type(): TypeFact {
      type ??= typeOfSchema(
        definitionName(spec.group, version.name, names.kind),
        names.kind,
        schemaOf(version),
      );
      return type;
    },
  };
}
