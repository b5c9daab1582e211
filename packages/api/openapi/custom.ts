import type { ResourceFact } from '@coxswain/machinery';
import { refTo, type Schema } from './schema.ts';

/** A resource that is not built in, as OpenAPI publishes it. */
export interface CustomOpenApi {
  /** Its type is named as its definition: `com.example.stable.v1.CronTab`. */
  readonly resource: ResourceFact;
  readonly listKind: string;
  /** The schema of its definition, complete but for kind and metadata. */
  readonly schema: Schema;
}

/** All such resources at one time. */
export interface CustomResources {
  /** Another one whenever anything in here is. */
  readonly revision: string;
  readonly all: readonly CustomOpenApi[];
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const none: readonly CustomOpenApi[] = [];

/** Those of one group and version. */
export function customOf(
  custom: CustomResources | undefined,
  group: string,
  version: string,
): readonly CustomOpenApi[] {
  return (
    custom?.all.filter(({ resource }) => resource.group === group && resource.version === version) ?? none
  );
}

/** The schema of a custom definition or of its list; undefined for all others. */
export function customDefinition(
  custom: CustomResources | undefined,
  definition: string,
): Schema | undefined {
  for (const { resource, listKind, schema } of custom?.all ?? none) {
    const { group, version, kind, type } = resource;
    if (definition === type.name) {
      return { ...structuredClone(schema), 'x-kubernetes-group-version-kind': [{ group, version, kind }] };
    }
    if (definition === `${type.name}List`) {
      return {
        ...listSchema(resource),
        'x-kubernetes-group-version-kind': [{ group, version, kind: listKind }],
      };
    }
  }
  return undefined;
}

function listSchema(resource: ResourceFact): Schema {
  return {
    description: `${resource.kind}List is a list of ${resource.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      items: { type: 'array', items: refTo(resource.type.name) },
      kind: { type: 'string' },
      metadata: { allOf: [refTo(`${meta}.ListMeta`)] },
    },
  };
}
