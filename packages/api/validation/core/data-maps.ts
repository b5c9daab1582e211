import {
  deepEqual,
  FieldPath,
  forbidden,
  invalid,
  isConfigMapKey,
  required,
  tooLong,
} from '@coxswain/machinery';
import { JsonSyntaxError } from '../../decode/json-parser.ts';
import { immutable } from '../immutable.ts';
import { isSerializedObject, mismatch, parseSerialized } from '../serialized-list.ts';
import { addInvalid, blank, byteLength, decodedLength, type Errors, type Json, keysOf } from '../values.ts';

// 1 MiB of values in all
const sizeLimit = 1024 * 1024;
const wholeObject = '[]'; // how upstream prints a path whose only element has no name

const dataPath = FieldPath.root('data');
const binaryPath = FieldPath.root('binaryData');

/** ValidateConfigMap without its metadata. */
export function validateConfigMap(errs: Errors, object: Json): void {
  const { data, binaryData } = object;
  let total = 0;
  for (const key of keysOf(data)) {
    addInvalid(errs, dataPath.key(key), key, isConfigMapKey(key));
    if (binaryData?.[key] != null) {
      errs.push(invalid(dataPath.key(key), key, 'duplicate of key present in binaryData'));
    }
    total += byteLength(data[key]);
  }
  for (const key of keysOf(binaryData)) {
    addInvalid(errs, binaryPath.key(key), key, isConfigMapKey(key));
    total += decodedLength(binaryData[key] ?? '');
  }
  if (total > sizeLimit) errs.push({ ...tooLong(dataPath, sizeLimit), field: wholeObject });
}

const frozen = 'field is immutable when `immutable` is set';

function validateFrozen(errs: Errors, object: Json, old: Json, members: readonly string[]): void {
  if (old['immutable'] !== true) return;
  if (object['immutable'] !== true) errs.push(forbidden(FieldPath.root('immutable'), frozen));
  for (const member of members) {
    if (!deepEqual(object[member] ?? {}, old[member] ?? {})) {
      errs.push(forbidden(FieldPath.root(member), frozen));
    }
  }
}

/** ValidateConfigMapUpdate. */
export function validateConfigMapUpdate(errs: Errors, object: Json, old: Json): void {
  validateFrozen(errs, object, old, ['data', 'binaryData']);
}

/** ValidateSecret without its metadata. */
export function validateSecret(errs: Errors, secret: Json): void {
  const data: Json = secret['data'] ?? {};
  let total = 0;
  for (const key of keysOf(data)) {
    addInvalid(errs, dataPath.key(key), key, isConfigMapKey(key));
    total += decodedLength(data[key] ?? '');
  }
  if (total > sizeLimit) errs.push(tooLong(dataPath, sizeLimit));
  const need = (key: string): void => {
    if (data[key] == null) errs.push(required(dataPath.key(key)));
  };
  switch (secret['type']) {
    case 'kubernetes.io/service-account-token': {
      const name = 'kubernetes.io/service-account.name';
      if (blank(secret['metadata'].annotations?.[name])) {
        errs.push(required(FieldPath.root('metadata', 'annotations').key(name)));
      }
      break;
    }
    case 'kubernetes.io/dockercfg':
      validateJsonKey(errs, data, '.dockercfg');
      break;
    case 'kubernetes.io/dockerconfigjson':
      validateJsonKey(errs, data, '.dockerconfigjson');
      break;
    case 'kubernetes.io/basic-auth':
      if (data['username'] == null && data['password'] == null) {
        need('username');
        need('password');
      }
      break;
    case 'kubernetes.io/ssh-auth':
      if (blank(data['ssh-privatekey'])) errs.push(required(dataPath.key('ssh-privatekey')));
      break;
    case 'kubernetes.io/tls':
      need('tls.crt');
      need('tls.key');
      break;
    default:
  }
}

function validateJsonKey(errs: Errors, data: Json, key: string): void {
  if (data[key] == null) {
    errs.push(required(dataPath.key(key)));
    return;
  }
  const problem = jsonObjectProblem(Buffer.from(data[key], 'base64').toString('latin1'));
  if (problem != null) errs.push(invalid(dataPath.key(key), '<secret contents redacted>', problem));
}

/** What Go's json.Unmarshal into a map says of a text whose characters are bytes. */
function jsonObjectProblem(text: string): string | undefined {
  const value = parseSerialized(text);
  if (value instanceof JsonSyntaxError) return value.message;
  if (value === null || isSerializedObject(value)) return undefined;
  return mismatch(value, 'Go value of type map[string]interface {}');
}

/** ValidateSecretUpdate. */
export function validateSecretUpdate(errs: Errors, secret: Json, old: Json): void {
  immutable(errs, FieldPath.root('type'), secret['type'] ?? '', old['type'] ?? '');
  validateFrozen(errs, secret, old, ['data']);
}
