import {
  deepEqual,
  duplicate,
  type FieldError,
  type FieldPath,
  invalid,
  required,
  tooMany,
} from '@coxswain/machinery';
import { type Definition, type DefinitionVersion, ownSchemaOf } from '../definition.ts';
import { findField } from '../schema/field-path.ts';
import { validateSchema } from '../schema/validate-schema.ts';
import type { SharedMembers } from './internal-version.ts';

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const selectableTypes: ReadonlySet<string | undefined> = new Set(['string', 'boolean', 'integer']);
const maxSelectableFields = 8;
const maxWarningLength = 256;

/** What is wrong with what a version has for itself. */
export function validateOwnMembers(
  errors: FieldError[],
  version: DefinitionVersion,
  old: Definition | undefined,
  shared: SharedMembers,
  path: FieldPath,
): void {
  const before = old?.spec.versions.find(({ name }) => name === version.name);
  checkWarning(errors, version, path);
  if (!shared.schema) {
    checkSchema(
      errors,
      version,
      before,
      hasStatus(version),
      before !== undefined && hasStatus(before),
      path.child('schema'),
    );
  }
  if (!shared.subresources) checkScale(errors, version, path);
  if (!shared.additionalPrinterColumns) checkColumns(errors, version, path);
  if (!shared.selectableFields) {
    // Upstream misses the schema where it lies beside the versions.
    const text = shared.schema ? 'may only be set when `version.schema.openAPIV3Schema` is not included' : '';
    checkSelectableFields(errors, version, before, text, path);
  }
}

/** What is wrong with what all versions share. */
export function validateSharedMembers(
  errors: FieldError[],
  { spec }: Definition,
  old: Definition | undefined,
  shared: SharedMembers,
  path: FieldPath,
): void {
  const [version] = spec.versions ?? [];
  if (version === undefined) return;
  const before = old?.spec.versions.find(({ name }) => name === version.name);
  if (shared.schema) {
    // A status of any of them counts.
    const had = old?.spec.versions.some(hasStatus) === true;
    checkSchema(errors, version, before, spec.versions.some(hasStatus), had, path.child('validation'));
  }
  if (shared.subresources) checkScale(errors, version, path);
  if (shared.additionalPrinterColumns) checkColumns(errors, version, path);
  if (shared.selectableFields) {
    // Upstream misses the schemas where they lie in the versions, as it does where there are none.
    const known = shared.schema && version.schema !== undefined;
    const text = known ? '' : 'may only be set when validations.schema is included';
    checkSelectableFields(errors, version, before, text, path);
  }
}

const hasStatus = (version: DefinitionVersion): boolean => version.subresources?.status !== undefined;

function checkWarning(errors: FieldError[], version: DefinitionVersion, path: FieldPath): void {
  const { deprecated, deprecationWarning: warning } = version;
  if (warning === undefined || warning === null) return;
  const refuse = (text: string): void => {
    errors.push(invalid(path.child('deprecationWarning'), warning, text));
  };
  if (deprecated !== true) {
    refuse('can only be set for deprecated versions');
    return;
  }
  if (Buffer.byteLength(warning) > maxWarningLength) refuse(`must be <= ${maxWarningLength} characters long`);
  if (warning === '') refuse('must not be an empty string');
  const odd = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(warning);
  if (odd === null) return;
  const index = Buffer.byteLength(warning.slice(0, odd.index));
  refuse(`must only contain printable UTF-8 characters; non-printable character found at index ${index}`);
}

function checkSchema(
  errors: FieldError[],
  version: DefinitionVersion,
  before: DefinitionVersion | undefined,
  hasStatus: boolean,
  hadStatus: boolean,
  path: FieldPath,
): void {
  const schema = ownSchemaOf(version);
  if (schema === undefined) return;
  const unchanged = before !== undefined && deepEqual(schema, before.schema?.openAPIV3Schema);
  // What was stored under older rules stays as it is.
  if (unchanged && hasStatus === hadStatus) return;
  errors.push(...validateSchema(schema, path.child('openAPIV3Schema'), { hasStatus, unchanged }));
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
    else checkSimplePath(errors, column.jsonPath, at.child('JSONPath'));
  });
}

/** False where the path is none. */
function checkSimplePath(errors: FieldError[], text: string, at: FieldPath): boolean {
  if (text.startsWith('.')) return true;
  errors.push(invalid(at, text, 'must be a simple json path starting with .'));
  return false;
}

function checkScale(errors: FieldError[], version: DefinitionVersion, path: FieldPath): void {
  const scale = version.subresources?.scale;
  if (scale === undefined) return;
  const at = path.child('subresources');
  const check = (member: string, value: string, parents: readonly string[], where: string): void => {
    const here = at.child(`scale.${member}`);
    if (!checkSimplePath(errors, value, here) || parents.some((parent) => value.startsWith(parent))) return;
    errors.push(invalid(here, value, `should be a json path under ${where}`));
  };
  const { specReplicasPath = '', statusReplicasPath = '', labelSelectorPath = '' } = scale;
  if (specReplicasPath === '') errors.push(required(at.child('scale.specReplicasPath')));
  else check('specReplicasPath', specReplicasPath, ['.spec.'], '.spec');
  if (statusReplicasPath === '') errors.push(required(at.child('scale.statusReplicasPath')));
  else check('statusReplicasPath', statusReplicasPath, ['.status.'], '.status');
  if (labelSelectorPath !== '') {
    check('labelSelectorPath', labelSelectorPath, ['.spec.', '.status.'], 'either .spec or .status');
  }
}

/** @param missing what is said where no schema is known; '' where one is */
function checkSelectableFields(
  errors: FieldError[],
  version: DefinitionVersion,
  before: DefinitionVersion | undefined,
  missing: string,
  path: FieldPath,
): void {
  const fields = version.selectableFields ?? [];
  if (fields.length === 0) return;
  const schema = ownSchemaOf(version);
  if (missing !== '' || schema === undefined) {
    const text =
      missing === '' ? 'may only be set when `version.schema.openAPIV3Schema` is not included' : missing;
    errors.push(invalid(path.child('selectableFields'), '', text));
    return;
  }
  const at = path.child('selectableFields');
  const seen = new Set<string>();
  fields.forEach(({ jsonPath = '' }, i) => {
    const here = at.index(i).child('jsonPath');
    if (jsonPath === '') {
      errors.push(required(here));
      return;
    }
    const found = findField(jsonPath, schema, undefined, false);
    if ('fault' in found) {
      errors.push(invalid(here, jsonPath, `is an invalid path: ${found.fault}`));
      return;
    }
    if (found.names[0] === 'metadata') {
      errors.push(invalid(here, jsonPath, 'must not point to fields in metadata'));
    }
    if (!selectableTypes.has(found.schema.type)) {
      const text =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(invalid(here, jsonPath, text));
    }
    const name = found.path.toString();
    if (seen.has(name)) errors.push(duplicate(here, jsonPath));
    seen.add(name);
  });
  // What was too much before stays as it is.
  const isOld = (before?.selectableFields?.length ?? 0) > maxSelectableFields;
  if (seen.size <= maxSelectableFields || (isOld && deepEqual(fields, before?.selectableFields))) return;
  errors.push(tooMany(at, seen.size, maxSelectableFields));
}
