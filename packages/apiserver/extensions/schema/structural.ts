import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '@coxswain/machinery';
import { applySchemaDefaults } from './defaulting.ts';
import { prune } from './prune.ts';
import { compileRulesOf } from './rule.ts';
import { additionalSchema, type Schema, type ValidationRule } from './schema.ts';
import { validateValue } from './validate-value.ts';

type Level = 'root' | 'property' | 'additional' | 'items';

const typeRequired: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  property: 'must not be empty for specified object fields',
  additional: 'must not be empty for specified object fields',
  items: 'must not be empty for specified array items',
};
const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const listTypes = ['atomic', 'map', 'set'];
const mapTypes = ['atomic', 'granular'];
const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
/** Fields of JSON schemas that structural schemas cannot have. */
const forbiddenFields = [
  '$ref',
  'definitions',
  'dependencies',
  'deprecated',
  'discriminator',
  'id',
  'patternProperties',
  'readOnly',
  'writeOnly',
  'xml',
];
/** What may not be said in a part of a combination. */
const plainOnly = [
  'type',
  'default',
  'nullable',
  'description',
  'title',
  'additionalProperties',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
];

/** All that is wrong with a schema of a definition. */
export function validateSchema(schema: Schema, path: FieldPath): FieldError[] {
  const validator = new SchemaValidator();
  validator.check(schema, path, 'root');
  return validator.errors;
}

class SchemaValidator {
  readonly errors: FieldError[] = [];

  check(
    schema: Schema,
    path: FieldPath,
    level: Level,
    isResource = level === 'root',
    correlates = true,
  ): void {
    this.#checkType(schema, path, level);
    this.#checkForbidden(schema, path);
    this.#checkExtensions(schema, path);
    this.#checkList(schema, path);
    this.#checkDefault(schema, path);
    this.#checkRules(schema, path, isResource, correlates);
    for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const) {
      schema[junctor]?.forEach((part, i) => {
        this.#checkPart(part, path.child(junctor).index(i), schema['x-kubernetes-int-or-string'] === true);
      });
    }
    if (schema.not !== undefined) this.#checkPart(schema.not, path.child('not'), false);
    const embeds = (one: Schema): boolean => one['x-kubernetes-embedded-resource'] === true;
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const at = path.child('properties').key(name);
      if (isResource && name === 'metadata') this.#checkMetadata(property, at);
      this.check(property, at, 'property', embeds(property), correlates);
    }
    const additional = additionalSchema(schema);
    if (additional !== undefined) {
      this.check(
        additional,
        path.child('additionalProperties'),
        'additional',
        embeds(additional),
        correlates,
      );
    }
    if (schema.items !== undefined) {
      const keyed = schema['x-kubernetes-list-type'] === 'map';
      this.check(schema.items, path.child('items'), 'items', embeds(schema.items), correlates && keyed);
    }
  }

  #checkType(schema: Schema, path: FieldPath, level: Level): void {
    const { type = '' } = schema;
    const at = path.child('type');
    if (schema['x-kubernetes-int-or-string'] === true) {
      if (type !== '') {
        this.errors.push(invalid(at, type, 'must be empty if x-kubernetes-int-or-string is true'));
      }
    } else if (type === '') {
      if (schema['x-kubernetes-preserve-unknown-fields'] !== true || level === 'root') {
        this.errors.push(required(at, typeRequired[level]));
      }
    } else if (!types.includes(type)) {
      this.errors.push(notSupported(at, type, types));
    }
    if (level === 'root' && type !== '' && type !== 'object') {
      this.errors.push(invalid(at, type, 'must be object at the root'));
    }
    if (type === 'array' && schema.items === undefined) {
      this.errors.push(required(path.child('items'), 'must be specified'));
    }
  }

  #checkForbidden(schema: Schema, path: FieldPath): void {
    for (const name of forbiddenFields) {
      if ((schema as Record<string, unknown>)[name] === undefined) continue;
      this.errors.push(forbidden(path.child(name), `${name} is not supported`));
    }
    if (schema.uniqueItems === true) {
      const text = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
      this.errors.push(forbidden(path.child('uniqueItems'), text));
    }
    if (schema.additionalProperties === false) {
      const text = 'additionalProperties cannot be set to false';
      this.errors.push(forbidden(path.child('additionalProperties'), text));
    }
    if (schema.properties !== undefined && schema.additionalProperties !== undefined) {
      const text = 'additionalProperties and properties are mutual exclusive';
      this.errors.push(forbidden(path.child('additionalProperties'), text));
    }
  }

  #checkExtensions(schema: Schema, path: FieldPath): void {
    const preserve = schema['x-kubernetes-preserve-unknown-fields'];
    if (preserve === false) {
      const at = path.child('x-kubernetes-preserve-unknown-fields');
      this.errors.push(invalid(at, false, 'must be true or undefined'));
    }
    if (schema['x-kubernetes-embedded-resource'] === true) {
      if (schema.type !== 'object') {
        const text = 'must be object if x-kubernetes-embedded-resource is true';
        this.errors.push(
          (schema.type ?? '') === ''
            ? required(path.child('type'), text)
            : invalid(path.child('type'), schema.type, text),
        );
      }
      if (preserve !== true && Object.keys(schema.properties ?? {}).length === 0) {
        const text =
          'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
        this.errors.push(required(path.child('properties'), text));
      }
    }
    const mapType = schema['x-kubernetes-map-type'];
    if (mapType === undefined) return;
    if (!mapTypes.includes(mapType)) {
      this.errors.push(notSupported(path.child('x-kubernetes-map-type'), mapType, mapTypes));
    }
    if (schema.type !== 'object') {
      const text = 'must be object if x-kubernetes-map-type is specified';
      this.errors.push(invalid(path.child('type'), schema.type ?? '', text));
    }
  }

  #checkList(schema: Schema, path: FieldPath): void {
    const type = schema['x-kubernetes-list-type'];
    const keys = schema['x-kubernetes-list-map-keys'] ?? [];
    const keysPath = path.child('x-kubernetes-list-map-keys');
    if (type === undefined) {
      if (keys.length > 0) {
        const text = 'must be map if x-kubernetes-list-map-keys is non-empty';
        this.errors.push(required(path.child('x-kubernetes-list-type'), text));
      }
      return;
    }
    if (schema.type !== 'array') {
      const text = 'must be array if x-kubernetes-list-type is specified';
      this.errors.push(
        (schema.type ?? '') === ''
          ? required(path.child('type'), text)
          : invalid(path.child('type'), schema.type, text),
      );
    }
    if (!listTypes.includes(type)) {
      this.errors.push(notSupported(path.child('x-kubernetes-list-type'), type, listTypes));
    } else if (type === 'map') {
      if (keys.length === 0) {
        this.errors.push(required(keysPath, 'must not be empty if x-kubernetes-list-type is map'));
      }
      this.#checkKeys(schema, keys, path);
    } else if (keys.length > 0) {
      const text = 'must be map if x-kubernetes-list-map-keys is non-empty';
      this.errors.push(invalid(path.child('x-kubernetes-list-type'), type, text));
    }
  }

  #checkKeys(schema: Schema, keys: readonly string[], path: FieldPath): void {
    const { items } = schema;
    if (items === undefined) return;
    if (items.type !== 'object') {
      const text = "must be object if parent array's x-kubernetes-list-type is map";
      this.errors.push(invalid(path.child('items', 'type'), items.type ?? '', text));
    }
    keys.forEach((key, i) => {
      const at = path.child('x-kubernetes-list-map-keys').index(i);
      const property = items.properties?.[key];
      if (property === undefined) {
        this.errors.push(invalid(at, key, 'entries must all be names of item properties'));
      } else if (property.type === 'object' || property.type === 'array') {
        const text = "must be a scalar type if parent array's x-kubernetes-list-type is map";
        this.errors.push(
          invalid(path.child('items').child('properties').key(key).child('type'), property.type, text),
        );
      } else if (property.default === undefined && !(items.required ?? []).includes(key)) {
        const text =
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
        this.errors.push(required(path.child('items').child('properties').key(key).child('default'), text));
      }
    });
  }

  #checkDefault(schema: Schema, path: FieldPath): void {
    if (schema.default === undefined) return;
    const at = path.child('default');
    const value = structuredClone(schema.default);
    const dropped = prune(value, schema, schema['x-kubernetes-embedded-resource'] === true);
    if (dropped.length > 0) {
      this.errors.push(invalid(at, schema.default, 'must not have unknown fields'));
      return;
    }
    applySchemaDefaults(value, schema);
    this.errors.push(...validateValue(value, schema, '', undefined, at));
  }

  #checkRules(schema: Schema, path: FieldPath, isResource: boolean, correlates: boolean): void {
    const compiled = compileRulesOf(schema, isResource);
    compiled?.rules.forEach(({ rule, faults, usesOldSelf }, i) => {
      const at = path.child('x-kubernetes-validations').index(i);
      this.#checkRuleTexts(rule, at);
      if (rule.optionalOldSelf !== undefined && !usesOldSelf && faults.length === 0) {
        const text = `may not be set if oldSelf is not used in rule`;
        this.errors.push(invalid(at.child('optionalOldSelf'), rule.optionalOldSelf, text));
      }
      for (const { field, text } of faults) {
        this.errors.push(invalidRule(at.child(field), rule, text));
      }
      if (usesOldSelf && !correlates) {
        const text = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${path}`;
        this.errors.push(invalidRule(at.child('rule'), rule, text));
      }
    });
  }

  #checkRuleTexts(rule: ValidationRule, at: FieldPath): void {
    if (rule.rule.trim() === '') this.errors.push(required(at.child('rule'), 'rule is not specified'));
    const { message = '', reason } = rule;
    if (message !== '' && message.trim() === '') {
      this.errors.push(invalid(at.child('message'), message, 'message must be non-empty if specified'));
    } else if (message.trim().includes('\n')) {
      this.errors.push(invalid(at.child('message'), message, 'message must not contain line breaks'));
    } else if (rule.rule.includes('\n') && message.trim() === '') {
      const text = 'message must be specified if rule contains line breaks';
      this.errors.push(required(at.child('message'), text));
    }
    if (reason !== undefined && !reasons.includes(reason)) {
      this.errors.push(notSupported(at.child('reason'), reason, reasons));
    }
  }

  #checkMetadata(schema: Schema, path: FieldPath): void {
    const names = Object.keys(schema.properties ?? {}).filter(
      (name) => name !== 'name' && name !== 'generateName',
    );
    if (names.length > 0 || schema.additionalProperties !== undefined) {
      const text =
        'must not specify anything other than name and generateName, but metadata is implicitly specified';
      this.errors.push(forbidden(path, text));
    }
  }

  /** Parts of combinations may only narrow what the schema says outside of them. */
  #checkPart(part: Schema, path: FieldPath, intOrString: boolean): void {
    for (const name of plainOnly) {
      const value = (part as Record<string, unknown>)[name];
      if (value === undefined || (name === 'type' && intOrString)) continue;
      this.errors.push(forbidden(path.child(name), 'must be empty to be structural'));
    }
    for (const [name, property] of Object.entries(part.properties ?? {})) {
      this.#checkPart(property, path.child('properties').key(name), false);
    }
    if (part.items !== undefined) this.#checkPart(part.items, path.child('items'), false);
    for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const) {
      part[junctor]?.forEach((one, i) => {
        this.#checkPart(one, path.child(junctor).index(i), intOrString);
      });
    }
  }
}

/** A rule as upstream's internal struct prints in Go's JSON, which escapes what HTML reads. */
function shown(rule: ValidationRule): string {
  const text = JSON.stringify({
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  });
  return text.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

function invalidRule(path: FieldPath, rule: ValidationRule, text: string): FieldError {
  return {
    type: 'FieldValueInvalid',
    field: path.toString(),
    message: `Invalid value: ${shown(rule)}: ${text}`,
  };
}
