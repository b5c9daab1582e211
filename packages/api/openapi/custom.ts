import type { ResourceFact } from '@coxswain/machinery';
import { describeType } from './prose.ts';
import { refTo, type Schema } from './schema.ts';

/** A resource that is not built in, as OpenAPI publishes it. */
export interface CustomOpenApi {
  /** Another one whenever anything in here is; the same in every server that has the same definition. */
  readonly revision: string;
  /** Its type is named as its definition: `com.example.stable.v1.CronTab`. */
  readonly resource: ResourceFact;
  readonly listKind: string;
  /** What its objects can be selected by: `spec.color`. */
  readonly selectableFields: readonly string[];
  /** Its schema as an object of its own, complete but for its kind. */
  schema(): Schema;
  /** The same where Swagger 2 is published. */
  swagger(): Schema;
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const none: readonly CustomOpenApi[] = [];

/** Those of one group and version. */
export function customOf(
  custom: readonly CustomOpenApi[] | undefined,
  group: string,
  version: string,
): readonly CustomOpenApi[] {
  return custom?.filter(({ resource }) => resource.group === group && resource.version === version) ?? none;
}

/** The schema of a custom definition or of its list; undefined for all others. */
export function customDefinition(
  custom: readonly CustomOpenApi[] | undefined,
  definition: string,
): Schema | undefined {
  for (const { resource, listKind, selectableFields, schema } of custom ?? none) {
    const { group, version, kind, type } = resource;
    const extensions = (ofKind: string): Schema => ({
      'x-kubernetes-group-version-kind': [{ group, version, kind: ofKind }],
      ...(selectableFields.length === 0
        ? {}
        : { 'x-kubernetes-selectable-fields': selectableFields.map((fieldPath) => ({ fieldPath })) }),
    });
    if (definition === type.name) return { ...schema(), ...extensions(kind) };
    if (definition === listDefinition(type.name, listKind)) {
      return { ...listSchema(resource, listKind), ...extensions(listKind) };
    }
  }
  return undefined;
}

/** A list is named as its kind is, beside what it lists. */
export function listDefinition(definition: string, listKind: string): string {
  return definition.slice(0, definition.lastIndexOf('.') + 1) + listKind;
}

/** The same resources as Swagger 2 publishes them. */
export function customSwagger(custom: readonly CustomOpenApi[]): CustomOpenApi[] {
  return custom.map((one) => ({ ...one, schema: one.swagger }));
}

const conventions = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

function listSchema({ kind, type, resource }: ResourceFact, listKind: string): Schema {
  const described = (field: string): Schema => {
    const description = describeType('io.k8s.api.core.v1.PodList', field);
    return description === undefined ? {} : { description };
  };
  return {
    description: `${listKind} is a list of ${kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { ...described('apiVersion'), type: 'string' },
      items: {
        description: `List of ${resource}. More info: ${conventions}`,
        type: 'array',
        items: refTo(type.name),
      },
      kind: { ...described('kind'), type: 'string' },
      metadata: { ...described('metadata'), allOf: [refTo(`${meta}.ListMeta`)] },
    },
  };
}
