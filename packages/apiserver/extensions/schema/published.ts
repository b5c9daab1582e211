import { describeType } from '@coxswain/api';
import type { Schema } from './schema.ts';

/** A schema as OpenAPI writes it down. */
type Published = Record<string, unknown>;

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const preserve = 'x-kubernetes-preserve-unknown-fields';
const intOrString = [{ type: 'integer' }, { type: 'string' }];

/** A structural schema as OpenAPI publishes it: with what every resource has. */
export function publishedSchema(schema: Schema): Published {
  return withResourceFields(published(schema, false));
}

/**
 * The same for `/openapi/v2`, which cannot say that a value is open: its readers take the members that they see
 * for all that there are, so where there may be others none are shown.
 */
export function publishedSwagger(schema: Schema): Published {
  if (schema[preserve] === true) return { type: 'object' };
  return withResourceFields(published(schema, true));
}

function published(schema: Schema, swagger: boolean): Published {
  const shown = swagger ? closedForm(schema) : unfolded(schema);
  const { properties, items, additionalProperties, ...rest } = shown;
  const out = written(rest, swagger);
  const below = (one: Schema): Published => published(one, swagger);
  if (items !== undefined) out['items'] = below(items);
  if (properties !== undefined) {
    out['properties'] = Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, below(v)]));
  }
  if (additionalProperties !== undefined) {
    out['additionalProperties'] =
      typeof additionalProperties === 'object' ? below(additionalProperties) : additionalProperties;
  }
  const isEmbedded = shown['x-kubernetes-embedded-resource'] === true;
  return isEmbedded && !(swagger && shown[preserve] === true) ? withEmbeddedFields(out) : out;
}

/** The members that OpenAPI has, without those that say nothing. */
function written({ default: filledIn, ...rest }: Schema, swagger: boolean): Published {
  const said = Object.entries(rest).filter(
    ([, value]) => value !== undefined && value !== false && value !== '' && !isEmptyList(value),
  );
  const out: Published = Object.fromEntries(said);
  if (filledIn !== undefined && filledIn !== null && !swagger) out['default'] = filledIn;
  for (const name of ['id', '$schema']) delete out[name];
  return out;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** What `x-kubernetes-int-or-string` means, where the schema does not say it itself. */
function unfolded(schema: Schema): Schema {
  if (schema['x-kubernetes-int-or-string'] !== true) return schema;
  const { anyOf, allOf } = schema;
  if (isIntOrString(anyOf) || isIntOrString(allOf?.[0]?.anyOf)) return schema;
  if (anyOf === undefined) return { ...schema, anyOf: intOrString };
  return { ...schema, allOf: [{ anyOf: intOrString }, ...(allOf ?? [])] };
}

function isIntOrString(choices: readonly Schema[] | undefined): boolean {
  return choices?.length === 2 && choices.every(({ type }, i) => type === intOrString[i]?.type);
}

/** Without what Swagger 2 does not know, and without the members of what is open. */
function closedForm(schema: Schema): Schema {
  const { allOf: _all, oneOf: _one, anyOf: _any, not: _not, nullable = false, ...rest } = schema;
  const { type, items, properties, required, ...kept } = rest;
  const isOpen = rest[preserve] === true;
  const isShown = !nullable && !isOpen;
  const isTyped =
    !nullable && !(type === 'array' && !(isShown && items !== undefined)) && !(type === 'object' && isOpen);
  return {
    ...kept,
    ...(isTyped && type !== undefined ? { type } : {}),
    ...(isShown && items !== undefined ? { items } : {}),
    ...(isShown && properties !== undefined ? { properties } : {}),
    required: neverNull(required ?? [], isShown ? (properties ?? {}) : {}, rest.additionalProperties),
  };
}

/** What may be null cannot be required. */
function neverNull(
  required: readonly string[],
  properties: Readonly<Record<string, Schema>>,
  additional: Schema | boolean | undefined,
): readonly string[] {
  if (typeof additional === 'object' && additional.nullable === true) return [];
  return required.filter((name) => !(Object.hasOwn(properties, name) && properties[name]?.nullable === true));
}

function withResourceFields(schema: Published): Published {
  return withFields(schema, {});
}

function withFields(schema: Published, texts: FieldTexts): Published {
  const all = { ...(schema['properties'] as Published | undefined), ...resourceFields(texts) };
  const sorted = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...schema, properties: Object.fromEntries(sorted) };
}

/** An object in an object names its kind, too. */
function withEmbeddedFields(schema: Published): Published {
  const required = (schema['required'] as readonly string[] | undefined) ?? [];
  const more = ['kind', 'apiVersion'].filter((name) => !required.includes(name));
  return { ...withFields(schema, embeddedTexts), required: [...required, ...more] };
}

type FieldTexts = Readonly<Partial<Record<'apiVersion' | 'kind' | 'metadata', string>>>;

const conventions = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

/** What is said of the kind of an object in an object. */
const embeddedTexts: FieldTexts = {
  apiVersion: `apiVersion defines the versioned schema of this representation of an object. More info: ${conventions}#resources`,
  kind: `kind is a string value representing the type of this object. In CamelCase. More info: ${conventions}#types-kinds`,
};

/** @param texts what is said in place of the texts of all resources */
function resourceFields(texts: FieldTexts): Published {
  const described = (field: keyof FieldTexts): Published => {
    const description = texts[field] ?? describeType('io.k8s.api.core.v1.Pod', field);
    return description === undefined || description === '' ? {} : { description };
  };
  return {
    apiVersion: { ...described('apiVersion'), type: 'string' },
    kind: { ...described('kind'), type: 'string' },
    metadata: { ...described('metadata'), allOf: [{ $ref: `#/components/schemas/${meta}.ObjectMeta` }] },
  };
}
