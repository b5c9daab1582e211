import { type FieldError, type FieldPath, forbidden, invalid } from '@coxswain/machinery';
import { unsupported, validateOpenApiSchema } from './open-api-schema.ts';
import { RuleErrors } from './rule-errors.ts';
import { type Schema, someBelow } from './schema.ts';
import { validateDefaults } from './schema-defaults.ts';
import { shownSchema } from './shown-schema.ts';
import { validateStructural } from './structural.ts';

export interface SchemaContext {
  /** The status has a subresource of its own. */
  readonly hasStatus: boolean;
  /** The schema is the one that is stored. */
  readonly unchanged: boolean;
}

/** What the root may say where the status has a subresource, by the names of upstream's internal struct. */
const atRoot =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';
const allowedAtRoot: ReadonlySet<string> = new Set(
  atRoot
    .split(' ')
    .map((name) =>
      name === 'XPreserveUnknownFields'
        ? 'x-kubernetes-preserve-unknown-fields'
        : name === 'XValidations'
          ? 'x-kubernetes-validations'
          : name.charAt(0).toLowerCase() + name.slice(1),
    ),
);

/** All that is wrong with a schema of a definition, in the order in which upstream looks. */
export function validateSchema(schema: Schema, path: FieldPath, context: SchemaContext): FieldError[] {
  const errors: FieldError[] = [];
  if (context.hasStatus) errors.push(...rootErrors(schema, path));
  if (schema.nullable === true) {
    errors.push(forbidden(path.child('nullable'), 'nullable cannot be true at the root'));
  }
  // What cannot be read as a structural schema at all is told of by the look at each field.
  const readable = !hasUnsupported(schema);
  const structural = readable ? validateStructural(schema, path) : [];
  errors.push(...structural);
  const defaults = readable && structural.length === 0 ? validateDefaults(schema, path) : [];
  errors.push(...defaults);
  const checksRules = readable && structural.length === 0 && defaults.length === 0;
  const rules = new RuleErrors(context.unchanged);
  errors.push(
    ...validateOpenApiSchema(schema, path, (place) => {
      if (checksRules) rules.check(place);
    }),
  );
  errors.push(...rules.errors);
  if (errors.length === 0 && !readable) {
    errors.push(invalid(path, '', "OpenAPIV3Schema 'schema' is not supported"));
  }
  errors.push(...rules.totalErrors(path));
  return errors;
}

function rootErrors(schema: Schema, path: FieldPath): FieldError[] {
  if (schema.type !== undefined && schema.type !== 'object') {
    const text =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalid(path.child('type'), schema.type, text)];
  }
  const isSet = (value: unknown): boolean => value !== undefined && value !== false && value !== '';
  const other = Object.entries(schema).some(([name, value]) => isSet(value) && !allowedAtRoot.has(name));
  if (!other) return [];
  const text = `only [${atRoot}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalid(path, shownSchema(schema), text)];
}

const unreadable = ['$schema', ...unsupported];

function hasUnsupported(schema: Schema): boolean {
  for (const name of unreadable) if ((schema as Record<string, unknown>)[name] !== undefined) return true;
  if (Array.isArray(schema.items)) return true;
  return someBelow(schema, hasUnsupported);
}
