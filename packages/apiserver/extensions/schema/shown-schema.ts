import type { Schema } from './schema.ts';

type Shown = Record<string, unknown>;

const all = (schemas: readonly Schema[] | undefined): Shown[] | null =>
  schemas === undefined ? null : schemas.map(shownSchema);

const byName = (schemas: Readonly<Record<string, Schema>> | undefined): Shown | null =>
  schemas === undefined
    ? null
    : Object.fromEntries(
        Object.entries(schemas)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, one]) => [name, shownSchema(one)]),
      );

/** A schema as upstream's internal struct prints. */
export function shownSchema(schema: Schema): Shown {
  const other = schema as Readonly<Record<string, unknown>>;
  const { additionalProperties: additional, items } = schema;
  return {
    ID: other['id'] ?? '',
    Schema: other['$schema'] ?? '',
    Ref: other['$ref'] ?? null,
    Description: schema.description ?? '',
    Type: schema.type ?? '',
    Nullable: schema.nullable ?? false,
    Format: schema.format ?? '',
    Title: schema.title ?? '',
    Default: schema.default ?? null,
    Maximum: schema.maximum ?? null,
    ExclusiveMaximum: schema.exclusiveMaximum ?? false,
    Minimum: schema.minimum ?? null,
    ExclusiveMinimum: schema.exclusiveMinimum ?? false,
    MaxLength: schema.maxLength ?? null,
    MinLength: schema.minLength ?? null,
    Pattern: schema.pattern ?? '',
    MaxItems: schema.maxItems ?? null,
    MinItems: schema.minItems ?? null,
    UniqueItems: schema.uniqueItems ?? false,
    MultipleOf: schema.multipleOf ?? null,
    Enum: schema.enum ?? null,
    MaxProperties: schema.maxProperties ?? null,
    MinProperties: schema.minProperties ?? null,
    Required: schema.required ?? null,
    Items: items === undefined ? null : { Schema: shownSchema(items), JSONSchemas: null },
    AllOf: all(schema.allOf),
    OneOf: all(schema.oneOf),
    AnyOf: all(schema.anyOf),
    Not: schema.not === undefined ? null : shownSchema(schema.not),
    Properties: byName(schema.properties),
    AdditionalProperties:
      additional === undefined
        ? null
        : {
            Allows: additional !== false,
            Schema: typeof additional === 'object' ? shownSchema(additional) : null,
          },
    PatternProperties: null,
    Dependencies: null,
    AdditionalItems: null,
    Definitions: null,
    ExternalDocs: other['externalDocs'] ?? null,
    Example: other['example'] ?? null,
    XPreserveUnknownFields: schema['x-kubernetes-preserve-unknown-fields'] ?? null,
    XEmbeddedResource: schema['x-kubernetes-embedded-resource'] ?? false,
    XIntOrString: schema['x-kubernetes-int-or-string'] ?? false,
    XListMapKeys: schema['x-kubernetes-list-map-keys'] ?? null,
    XListType: schema['x-kubernetes-list-type'] ?? null,
    XMapType: schema['x-kubernetes-map-type'] ?? null,
    XValidations:
      schema['x-kubernetes-validations']?.map((rule) => ({
        Rule: rule.rule,
        Message: rule.message ?? '',
        MessageExpression: rule.messageExpression ?? '',
        Reason: rule.reason ?? null,
        FieldPath: rule.fieldPath ?? '',
        OptionalOldSelf: rule.optionalOldSelf ?? null,
      })) ?? null,
  };
}
