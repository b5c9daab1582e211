import { type FieldPath, invalid, notSupported, parseQuantity, required } from '@coxswain/machinery';
import { validateQualifiedName } from '../../formats.ts';
import { type Errors, fileMode, type Json, requireText } from '../../values.ts';
import { validateLocalNonReservedPath } from '../paths.ts';

const volumeFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
const envFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
/** What the versioned API knows as field labels of a pod: more than any one use allows. */
const knownFields = new Set([
  ...volumeFields,
  ...envFields,
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.hostNetwork',
  'status.phase',
  'status.nominatedNodeName',
]);
const resourceFields = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

const subscripted = /^(.*)\['(.*)'\]$/s;

/** A reference to a field of the pod, for an environment variable or a file in a volume. */
export function validateFieldRef(errs: Errors, ref: Json, path: FieldPath, use: 'env' | 'volume'): void {
  if (!requireText(errs, path.child('apiVersion'), ref['apiVersion'])) return;
  if (!requireText(errs, path.child('fieldPath'), ref['fieldPath'])) return;
  const fieldPath: string = ref['fieldPath'];
  const match = subscripted.exec(fieldPath);
  const base = match === null ? fieldPath : match[1]!;
  const failure = conversionFailure(ref['apiVersion'], fieldPath, match);
  if (failure != null) {
    errs.push(invalid(path.child('fieldPath'), fieldPath, `error converting fieldPath: ${failure}`));
    return;
  }
  if (match !== null) {
    if (base === 'metadata.annotations') validateQualifiedName(errs, match[2]!.toLowerCase(), path);
    else if (base === 'metadata.labels') validateQualifiedName(errs, match[2]!, path);
    else errs.push(invalid(path, base, 'does not support subscript'));
    return;
  }
  const allowed = use === 'env' ? envFields : volumeFields;
  if (!allowed.includes(base)) errs.push(notSupported(path.child('fieldPath'), base, allowed));
}

/** ConvertDownwardAPIFieldLabel's error text. */
function conversionFailure(
  apiVersion: string,
  fieldPath: string,
  match: RegExpExecArray | null,
): string | undefined {
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`;
  if (match !== null) {
    const base = match[1]!;
    if (base === 'metadata.annotations' || base === 'metadata.labels') return undefined;
    return `field label does not support subscript: ${fieldPath}`;
  }
  return knownFields.has(fieldPath) || fieldPath === 'spec.host'
    ? undefined
    : `field label not supported: ${fieldPath}`;
}

/** A reference to a resource of a container; in volumes the container must be named. */
export function validateResourceFieldRef(
  errs: Errors,
  ref: Json,
  path: FieldPath,
  use: 'env' | 'volume',
): void {
  const resource: string = ref['resource'] ?? '';
  if (use === 'volume' && (ref['containerName'] ?? '') === '') {
    errs.push(required(path.child('containerName')));
  } else if (resource === '') {
    errs.push(required(path.child('resource')));
  } else if (!resourceFields.includes(resource) && !isHugePages(resource)) {
    errs.push(notSupported(path.child('resource'), resource, resourceFields));
  }
  validateDivisor(errs, resource, ref['divisor'] ?? '0', path);
}

function isHugePages(resource: string): boolean {
  return resource.startsWith('requests.hugepages-') || resource.startsWith('limits.hugepages-');
}

const byteDivisors = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';
const byteDivisorSet = new Set(byteDivisors.split(', '));

function validateDivisor(errs: Errors, resource: string, divisor: string, path: FieldPath): void {
  if (divisor === '0' || parseQuantity(divisor).compare(parseQuantity('0')) === 0) return;
  const fail = (values: string, what: string): void => {
    const message = `only divisor's values ${values} are supported with the ${what} resource`;
    errs.push(invalid(path.child('divisor'), resource, message));
  };
  if (resource.endsWith('.cpu')) {
    if (divisor !== '1m' && divisor !== '1') fail('1m and 1', 'cpu');
  } else if (!byteDivisorSet.has(divisor)) {
    if (resource.endsWith('.memory')) fail(byteDivisors, 'memory');
    else if (resource.endsWith('.ephemeral-storage')) fail(byteDivisors, 'local ephemeral storage');
    else if (isHugePages(resource)) fail(byteDivisors, 'hugepages');
  }
}

/** One file of a downward API volume. */
export function validateDownwardAPIFile(errs: Errors, file: Json, path: FieldPath): void {
  requireText(errs, path.child('path'), file['path']);
  validateLocalNonReservedPath(errs, file['path'] ?? '', path.child('path'));
  if (file['fieldRef'] != null) {
    validateFieldRef(errs, file['fieldRef'], path.child('fieldRef'), 'volume');
    if (file['resourceFieldRef'] != null) {
      const message = 'fieldRef and resourceFieldRef can not be specified simultaneously';
      errs.push(invalid(path, 'resource', message));
    }
  } else if (file['resourceFieldRef'] != null) {
    validateResourceFieldRef(errs, file['resourceFieldRef'], path.child('resourceFieldRef'), 'volume');
  } else {
    errs.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
  }
  fileMode(errs, path.child('mode'), file['mode']);
}

/** A downward API volume; upstream's paths do not tell the items apart. */
export function validateDownwardAPI(errs: Errors, source: Json, path: FieldPath): void {
  fileMode(errs, path.child('defaultMode'), source['defaultMode']);
  for (const file of source['items'] ?? []) validateDownwardAPIFile(errs, file, path);
}
