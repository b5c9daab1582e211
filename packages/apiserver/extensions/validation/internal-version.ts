import { deepEqual } from '@coxswain/machinery';
import { type Definition, type DefinitionVersion, ownSchemaOf } from '../definition.ts';
import { shownSchema } from '../schema/shown-schema.ts';

/** What upstream's internal type has once, beside the versions, where all of them have the same. */
export type SharedMember = 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields';
export type SharedMembers = Readonly<Record<SharedMember, boolean>>;

export function sharedMembersOf({ spec }: Definition): SharedMembers {
  const versions = spec.versions ?? [];
  const isShared = (member: SharedMember): boolean =>
    versions.every((version) => deepEqual(version[member], versions[0]?.[member]));
  return {
    schema: isShared('schema'),
    subresources: isShared('subresources'),
    additionalPrinterColumns: isShared('additionalPrinterColumns'),
    selectableFields: isShared('selectableFields'),
  };
}

type Shown = Record<string, unknown>;

/** The versions as the internal type prints them. */
export function shownVersions({ spec }: Definition, shared: SharedMembers): readonly Shown[] | null {
  return spec.versions?.map((version) => shownVersion(version, shared)) ?? null;
}

function shownVersion(version: DefinitionVersion, shared: SharedMembers): Shown {
  const own = <T>(member: SharedMember, value: T | null | undefined, show: (value: T) => unknown): unknown =>
    shared[member] || value === undefined || value === null ? null : show(value);
  const { schema, subresources, additionalPrinterColumns, selectableFields } = version;
  return {
    Name: version.name ?? '',
    Served: version.served ?? false,
    Storage: version.storage ?? false,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: own('schema', schema, () => {
      const written = ownSchemaOf(version);
      return { OpenAPIV3Schema: written === undefined ? null : shownSchema(written) };
    }),
    Subresources: own('subresources', subresources, ({ status, scale }) => ({
      Status: status === undefined ? null : {},
      Scale:
        scale === undefined
          ? null
          : {
              SpecReplicasPath: scale.specReplicasPath ?? '',
              StatusReplicasPath: scale.statusReplicasPath ?? '',
              LabelSelectorPath: scale.labelSelectorPath ?? null,
            },
    })),
    AdditionalPrinterColumns: own('additionalPrinterColumns', additionalPrinterColumns, (columns) =>
      columns.map((column) => ({
        Name: column.name ?? '',
        Type: column.type ?? '',
        Format: column.format ?? '',
        Description: column.description ?? '',
        Priority: column.priority ?? 0,
        JSONPath: column.jsonPath ?? '',
      })),
    ),
    SelectableFields: own('selectableFields', selectableFields, (fields) =>
      fields.map(({ jsonPath = '' }) => ({ JSONPath: jsonPath })),
    ),
  };
}
