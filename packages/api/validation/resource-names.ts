import { type FieldPath, invalid, isQualifiedName, parseQuantity } from '@coxswain/machinery';
import { addInvalid, type Errors, isNegativeMessage, notPositiveMessage } from './values.ts';

const counted = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const compute = ['cpu', 'memory', 'ephemeral-storage'];
const computeQuota = compute.flatMap((name) => [`requests.${name}`, `limits.${name}`]);
const container = new Set(compute);
const integer = new Set(counted);
const quota = new Set([...compute, ...computeQuota, ...counted, 'requests.storage']);
const standard = new Set([...quota, 'storage']);

export function isHugePageResource(name: string): boolean {
  return name.startsWith('hugepages-');
}

function isQuotaHugePageResource(name: string): boolean {
  return isHugePageResource(name) || name.startsWith('requests.hugepages-');
}

/** A name of the project itself: without a prefix, or with one of kubernetes.io. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false;
  // it must stay a qualified name when a quota prefixes it
  return isQualifiedName(`requests.${name}`).length === 0;
}

/** Whether limits may exceed requests. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePageResource(name);
}

export function isStandardQuotaResource(name: string): boolean {
  return quota.has(name) || isQuotaHugePageResource(name);
}

function isStandardContainerResource(name: string): boolean {
  return container.has(name) || isHugePageResource(name);
}

/** cpu, memory and huge pages: what a pod as a whole can ask for. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || isHugePageResource(name);
}

/** validateResourceName; tells whether the name passed. */
export function validateResourceName(errs: Errors, name: string, path: FieldPath): boolean {
  if (container.has(name)) return true;
  const messages = isQualifiedName(name);
  if (messages.length > 0) {
    addInvalid(errs, path, name, messages);
    return false;
  }
  if (!name.includes('/') && !standard.has(name) && !isQuotaHugePageResource(name)) {
    errs.push(invalid(path, name, 'must be a standard resource type or fully qualified'));
    return false;
  }
  return true;
}

/** What a container may request or be limited to. */
export function validateContainerResourceName(errs: Errors, name: string, path: FieldPath): void {
  if (container.has(name)) return;
  validateResourceName(errs, name, path);
  if (!name.includes('/')) {
    if (!isStandardContainerResource(name)) {
      errs.push(invalid(path, name, 'must be a standard resource for containers'));
    }
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errs.push(invalid(path, name, "doesn't follow extended resource name standard"));
  }
}

/** What a quota may limit. */
export function validateQuotaResourceName(errs: Errors, name: string, path: FieldPath): void {
  validateResourceName(errs, name, path);
  if (!name.includes('/') && !isStandardQuotaResource(name)) {
    errs.push(invalid(path, name, 'must be a standard resource for quota'));
  }
}

/** ValidateResourceQuantityValue: not negative, and whole for things that are counted. */
export function validateResourceQuantity(errs: Errors, name: string, value: string, path: FieldPath): void {
  const counts = integer.has(name) || (!container.has(name) && isExtendedResource(name));
  if (isSurelyPositive(value) && !counts) return;
  const quantity = parseQuantity(value);
  if (quantity.milliValue() < 0n) errs.push(invalid(path, value, isNegativeMessage));
  if (counts && quantity.milliValue() % 1000n !== 0n) errs.push(invalid(path, value, 'must be an integer'));
}

/** A canonical quantity that starts with a digit is not negative. */
function isSurelyPositive(value: string): boolean {
  const code = value.charCodeAt(0);
  return code >= 0x30 && code <= 0x39;
}

/** validateBasicResource. */
export function validateBasicQuantity(errs: Errors, value: string, path: FieldPath): void {
  if (isSurelyPositive(value)) return;
  const whole = parseQuantity(value).value();
  if (whole < 0n) errs.push(invalid(path, Number(whole), 'must be a valid resource quantity'));
}

/** ValidatePositiveQuantityValue; tells whether the quantity passed. */
export function validatePositiveQuantity(errs: Errors, value: string, path: FieldPath): boolean {
  if (parseQuantity(value).compare(parseQuantity('0')) > 0) return true;
  errs.push(invalid(path, value, notPositiveMessage));
  return false;
}
