import {
  duplicate,
  type FieldPath,
  forbidden,
  invalid,
  notFound,
  notSupported,
  parseQuantity,
  required,
} from '@coxswain/machinery';
import { validateDNS1123Label } from '../../formats.ts';
import {
  isHugePageResource,
  isOvercommitAllowed,
  isPodLevelResource,
  validateContainerResourceName,
  validateResourceName,
  validateResourceQuantity,
} from '../../resource-names.ts';
import { type Errors, type Json, keysOf, sizeOf, withDetail } from '../../values.ts';
import { type Leniency, strict } from '../leniency.ts';

type NameCheck = (errs: Errors, name: string, path: FieldPath) => void;

/** Limits, requests and claims of one container. */
export function validateContainerResources(
  errs: Errors,
  resources: Json | undefined,
  claimNames: ReadonlySet<string>,
  path: FieldPath,
  leniency: Leniency = strict,
): void {
  if (resources != null) {
    validateRequirements(errs, resources, validateContainerResourceName, claimNames, path, leniency);
  }
}

/** Limits and requests of a pod as a whole. */
export function validatePodLevelRequirements(
  errs: Errors,
  resources: Json,
  claimNames: ReadonlySet<string>,
  path: FieldPath,
  leniency: Leniency,
): void {
  validateRequirements(errs, resources, validatePodResourceName, claimNames, path, leniency);
}

function validatePodResourceName(errs: Errors, name: string, path: FieldPath): void {
  if (!validateResourceName(errs, name, path)) return;
  if (!isPodLevelResource(name)) errs.push(notSupported(path, name, ['cpu', 'memory']));
}

function validateRequirements(
  errs: Errors,
  resources: Json,
  checkName: NameCheck,
  claimNames: ReadonlySet<string>,
  path: FieldPath,
  leniency: Leniency,
): void {
  const limits: Json | undefined = resources['limits'];
  const requests: Json | undefined = resources['requests'];
  const limitPath = path.child('limits');
  const requestPath = path.child('requests');
  let compute = false;
  let hugePages = false;
  const checkOne = (name: string, value: string, place: FieldPath): void => {
    checkName(errs, name, place);
    validateResourceQuantity(errs, name, value, place);
  };
  const notice = (name: string, value: string, place: FieldPath): void => {
    if (name === 'cpu' || name === 'memory') compute = true;
    if (!isHugePageResource(name)) return;
    hugePages = true;
    if (!leniency.hugePages && !isDivisibleHugePages(name, value)) {
      errs.push(invalid(place, value, `${value} is not positive integer multiple of ${name}`));
    }
  };
  for (const name of keysOf(limits)) {
    const place = limitPath.key(name);
    checkOne(name, limits![name], place);
    notice(name, limits![name], place);
  }
  for (const name of keysOf(requests)) {
    const place = requestPath.key(name);
    checkOne(name, requests![name], place);
    compareWithLimit(errs, name, requests![name], limits?.[name], requestPath, limitPath);
    notice(name, requests![name], place);
  }
  if (hugePages && !compute) errs.push(forbidden(path, 'HugePages require cpu or memory'));
  if (sizeOf(resources['claims']) > 0) {
    validateClaimNames(errs, resources['claims'], claimNames, path.child('claims'));
  }
}

function compareWithLimit(
  errs: Errors,
  name: string,
  request: string,
  limit: string | undefined,
  requestPath: FieldPath,
  limitPath: FieldPath,
): void {
  if (limit == null) {
    if (!isOvercommitAllowed(name)) {
      errs.push(required(limitPath, 'Limit must be set for non overcommitable resources'));
    }
    return;
  }
  if (request === limit) return;
  const order = parseQuantity(request).compare(parseQuantity(limit));
  if (order !== 0 && !isOvercommitAllowed(name)) {
    errs.push(invalid(requestPath, request, `must be equal to ${name} limit of ${limit}`));
  } else if (order > 0) {
    errs.push(invalid(requestPath, request, `must be less than or equal to ${name} limit of ${limit}`));
  }
}

/** IsHugePageResourceValueDivisible: whether an amount of huge pages is one of whole pages. */
export function isDivisibleHugePages(name: string, value: string): boolean {
  let page: bigint;
  try {
    page = parseQuantity(name.slice('hugepages-'.length)).value();
  } catch {
    return false; // the name does not say a page size
  }
  const quantity = parseQuantity(value).value();
  return page > 0n && quantity >= 0n && quantity % page === 0n;
}

function validateClaimNames(
  errs: Errors,
  claims: Json[],
  claimNames: ReadonlySet<string>,
  path: FieldPath,
): void {
  const names = new Set<string>();
  claims.forEach((claim, i) => {
    const name: string = claim['name'] ?? '';
    const request: string = claim['request'] ?? '';
    const place = path.index(i);
    if (name === '') {
      errs.push(required(place));
      return;
    }
    if (names.has(name)) {
      errs.push(duplicate(place, name));
    } else {
      const key = request === '' ? name : `${name}/${request}`;
      if (request !== '') validateDNS1123Label(errs, request, place.child('request'));
      if (names.has(key)) errs.push(duplicate(place, key));
      else if (request === '') {
        for (const other of names) if (other.startsWith(`${name}/`)) errs.push(duplicate(place, name));
      }
      names.add(key);
    }
    if (!claimNames.has(name)) {
      const known = claimNames.size === 0 ? ' which is empty' : `: ${[...claimNames].sort().join(', ')}`;
      errs.push(
        withDetail(notFound(place, name), `must be one of the names in pod.spec.resourceClaims${known}`),
      );
    }
  });
}
