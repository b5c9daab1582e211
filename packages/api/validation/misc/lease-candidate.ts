import { type FieldPath, invalid, isDNS1123Subdomain, notSupported, required } from '@coxswain/machinery';
import { immutable } from '../immutable.ts';
import { addInvalid, blank, type Errors, type Json, specPath } from '../values.ts';

const oldest = 'OldestEmulationVersion';
const semver = /^(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/;

/** ValidateLeaseCandidate without the metadata. */
export function validateLeaseCandidate(errs: Errors, candidate: Json): void {
  const { leaseName, binaryVersion, emulationVersion, strategy } = candidate['spec'] ?? {};
  if (blank(leaseName)) errs.push(required(specPath.child('leaseName')));
  const binary = validateVersion(errs, binaryVersion, specPath.child('binaryVersion'));
  if (blank(binaryVersion)) errs.push(required(specPath.child('binaryVersion')));
  const emulated = validateVersion(errs, emulationVersion, specPath.child('emulationVersion'));
  if (binary !== undefined && emulated !== undefined && isLess(binary, emulated)) {
    const message = 'must be greater than or equal to `emulationVersion`';
    errs.push(invalid(specPath.child('binaryVersion'), binaryVersion, message));
  }
  if (blank(strategy)) errs.push(required(specPath.child('strategy')));
  else validateLeaseStrategy(errs, strategy, specPath.child('strategy'));
  if (strategy === oldest && blank(emulationVersion)) {
    const message = `must be specified when \`strategy\` is '${oldest}'`;
    errs.push(required(specPath.child('emulationVersion'), message));
  }
}

function validateVersion(
  errs: Errors,
  text: string | undefined,
  path: FieldPath,
): readonly number[] | undefined {
  if (blank(text)) return undefined;
  const match = semver.exec(text!);
  if (match === null) errs.push(invalid(path, text, 'must be a valid semantic version'));
  return match?.slice(1, 4).map(Number);
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const differs = a.findIndex((part, i) => part !== b[i]);
  return differs >= 0 && a[differs]! < b[differs]!;
}

/** ValidateCoordinatedLeaseStrategy: the one that is built in, or somebody's own with a domain. */
export function validateLeaseStrategy(errs: Errors, strategy: string, path: FieldPath): void {
  const slash = strategy.indexOf('/');
  if (slash < 0) {
    if (strategy !== oldest) errs.push(notSupported(path, strategy, [oldest]));
    return;
  }
  addInvalid(errs, path, strategy, isDNS1123Subdomain(strategy.slice(0, slash)));
}

/** ValidateLeaseCandidateUpdate: which lease it is for stays. */
export function validateLeaseCandidateUpdate(errs: Errors, candidate: Json, old: Json): void {
  validateLeaseCandidate(errs, candidate);
  const now: string = candidate['spec']?.leaseName ?? '';
  immutable(errs, specPath.child('leaseName'), now, old['spec']?.leaseName ?? '');
}
