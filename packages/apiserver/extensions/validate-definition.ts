import { deepEqual, type FieldError, FieldPath, invalid, required } from '@coxswain/machinery';
import type { Definition, DefinitionVersion } from './definition.ts';
import { memberSchema, type Schema } from './schema/schema.ts';
import { validateSchema } from './schema/structural.ts';

const spec = FieldPath.root('spec');
const columnTypes = ['integer', 'number', 'string', 'boolean', 'date'];
const columnFormats = ['int32', 'int64', 'float', 'double', 'byte', 'date', 'date-time', 'password'];
const selectableTypes: ReadonlySet<string | undefined> = new Set(['string', 'boolean', 'integer']);
const maxSelectableFields = 8;

/** What is wrong with the schemas, columns, subresources and selectable fields of a definition. */
export function validateDefinitionSchemas(definition: Definition, old?: Definition): FieldError[] {
  const versions = definition.spec.versions ?? [];
  const errors: FieldError[] = [];
  const shared = versions.every((version) => sameDetails(version, versions[0]));
  versions.forEach((version, i) => {
    // Upstream's internal type has what all versions share once, at the top.
    if (shared && i > 0) return;
    const at = spec.child('versions').index(i);
    const before = old?.spec.versions.find((one) => one.name === version.name);
    checkSchema(errors, version, before, shared ? spec.child('validation') : at.child('schema'));
    checkColumns(errors, version, shared ? spec : at);
    checkScale(errors, version, shared ? spec : at);
    checkSelectableFields(errors, version, shared ? spec : at);
  });
  return errors;
}

function sameDetails(a: DefinitionVersion, b: DefinitionVersion | undefined): boolean {
  return (
    b !== undefined &&
    deepEqual(a.schema, b.schema) &&
    deepEqual(a.subresources, b.subresources) &&
    deepEqual(a.additionalPrinterColumns, b.additionalPrinterColumns) &&
    deepEqual(a.selectableFields, b.selectableFields)
  );
}

function checkSchema(
  errors: FieldError[],
  version: DefinitionVersion,
  before: DefinitionVersion | undefined,
  path: FieldPath,
): void {
  const schema = version.schema?.openAPIV3Schema as Schema | undefined;
  const at = path.child('openAPIV3Schema');
  if (schema === undefined) {
    errors.push(required(at, 'schemas are required'));
    return;
  }
  // What was stored under older rules stays as it is.
  if (before !== undefined && deepEqual(schema, before.schema?.openAPIV3Schema)) return;
  errors.push(...validateSchema(schema, at));
}

function checkColumns(errors: FieldError[], version: DefinitionVersion, path: FieldPath): void {
  (version.additionalPrinterColumns ?? []).forEach((column, i) => {
    const at = path.child('additionalPrinterColumns').index(i);
    if ((column.name ?? '') === '') errors.push(required(at.child('name')));
    if ((column.type ?? '') === '') {
      errors.push(required(at.child('type'), `must be one of ${columnTypes.join(',')}`));
    } else if (!columnTypes.includes(column.type)) {
      errors.push(invalid(at.child('type'), column.type, `must be one of ${columnTypes.join(',')}`));
    }
    if ((column.format ?? '') !== '' && !columnFormats.includes(column.format as string)) {
      errors.push(invalid(at.child('format'), column.format, `must be one of ${columnFormats.join(',')}`));
    }
    if ((column.jsonPath ?? '') === '') errors.push(required(at.child('JSONPath')));
  });
}

function checkScale(errors: FieldError[], version: DefinitionVersion, path: FieldPath): void {
  const scale = version.subresources?.scale;
  if (scale === undefined) return;
  const at = path.child('subresources', 'scale');
  const check = (member: string, value: string, parents: readonly string[], isRequired: boolean): void => {
    if (value === '') {
      if (isRequired) errors.push(required(at.child(member)));
      return;
    }
    if (/[[\]*@?()]/.test(value)) {
      const text = 'should be a simple json path';
      errors.push(invalid(at.child(member), value, text));
    } else if (!parents.some((parent) => value.startsWith(parent))) {
      const named = parents.map((parent) => parent.slice(0, -1)).join(' or ');
      errors.push(invalid(at.child(member), value, `should be a json path under ${named}`));
    }
  };
  check('specReplicasPath', scale.specReplicasPath ?? '', ['.spec.'], true);
  check('statusReplicasPath', scale.statusReplicasPath ?? '', ['.status.'], true);
  check('labelSelectorPath', scale.labelSelectorPath ?? '', ['.spec.', '.status.'], false);
}

function checkSelectableFields(errors: FieldError[], version: DefinitionVersion, path: FieldPath): void {
  const fields = version.selectableFields ?? [];
  const at = path.child('selectableFields');
  if (fields.length > maxSelectableFields) {
    errors.push(invalid(at, fields.length, `must have at most ${maxSelectableFields} items`));
  }
  const seen = new Set<string>();
  fields.forEach(({ jsonPath = '' }, i) => {
    const here = at.index(i).child('jsonPath');
    if (jsonPath === '') {
      errors.push(required(here));
      return;
    }
    if (seen.has(jsonPath)) {
      errors.push({
        type: 'FieldValueDuplicate',
        field: here.toString(),
        message: `Duplicate value: ${JSON.stringify(jsonPath)}`,
      });
    }
    seen.add(jsonPath);
    if (jsonPath.startsWith('.metadata')) {
      errors.push(invalid(here, jsonPath, 'must not point to fields in metadata'));
      return;
    }
    const found = jsonPath
      .replace(/^\./, '')
      .split('.')
      .reduce<Schema | undefined>(
        (schema, name) => (schema === undefined ? undefined : memberSchema(schema, name)),
        version.schema?.openAPIV3Schema as Schema | undefined,
      );
    if (found === undefined) {
      const name = jsonPath.slice(jsonPath.lastIndexOf('.') + 1);
      errors.push(invalid(here, jsonPath, `does not refer to a valid field: ${name}`));
    } else if (!selectableTypes.has(found.type)) {
      const text = `must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.`;
      errors.push(invalid(here, jsonPath, text));
    }
  });
}
