import { FieldPath, isValidLabelValue } from '@coxswain/machinery';
import { validateLabelSelector } from '../label-selector.ts';
import { isHugePageResource } from '../resource-names.ts';
import type { Errors, Json } from '../values.ts';
import { isDivisibleHugePages } from './container/resource-requirements.ts';
import { deletionCostAnnotation, isDeletionCost } from './deletion-cost.ts';
import { isHostSysctl } from './host-sysctl.ts';
import { isLocalNonReservedPath } from './paths.ts';
import { breaksLabelKeyRules } from './scheduling/label-keys.ts';

/**
 * Which of the rules that came later than the objects they are about are waived (PodValidationOptions): what an
 * object got away with before, an update may keep.
 */
export interface Leniency {
  readonly deletionCost: boolean;
  readonly hugePages: boolean;
  /** Label values in the selectors of pod affinity. */
  readonly affinitySelectors: boolean;
  /** Label values in required node affinity. */
  readonly nodeAffinityValues: boolean;
  readonly spreadSelectors: boolean;
  /** Keys to spread by are checked by the rule from before their merging into the selector. */
  readonly spreadKeys: boolean;
  readonly tokenPaths: boolean;
  readonly hostSysctls: boolean;
  readonly seLinuxChangePolicy: boolean;
  readonly devicesOfUserNamespaces: boolean;
  readonly hostNetworkOfUserNamespaces: boolean;
  readonly restartOfInitContainers: boolean;
  readonly imageWithoutReference: boolean;
}

const anywhere = FieldPath.root('');

/** New objects keep every rule. */
export const strict: Leniency = {
  deletionCost: false,
  hugePages: false,
  affinitySelectors: false,
  nodeAffinityValues: false,
  spreadSelectors: false,
  spreadKeys: false,
  tokenPaths: false,
  hostSysctls: false,
  seLinuxChangePolicy: false,
  devicesOfUserNamespaces: false,
  hostNetworkOfUserNamespaces: false,
  restartOfInitContainers: false,
  imageWithoutReference: false,
};

/**
 * Checks an update: strictly, and when that finds fault again with what the stored pod or template is excused from.
 *
 * @param old the stored pod or template; absent for a new one
 */
export function checkLeniently(
  errs: Errors,
  old: Json | undefined,
  check: (errs: Errors, leniency: Leniency) => void,
): void {
  const found = errs.length;
  check(errs, strict);
  if (old === undefined || errs.length === found) return;
  errs.length = found;
  check(errs, leniencyOf(old));
}

/** What an update may keep of a stored pod or template (GetValidationOptionsFromPodSpecAndMeta). */
function leniencyOf(old: Json): Leniency {
  const spec: Json = old['spec'] ?? {};
  const affinity: Json = spec['affinity'] ?? {};
  const constraints: readonly Json[] = spec['topologySpreadConstraints'] ?? [];
  const volumes: readonly Json[] = spec['volumes'] ?? [];
  const all: readonly Json[] = containersOf(spec);
  const hasOwnUsers = spec['hostUsers'] === false;
  const cost: string | undefined = old['metadata']?.annotations?.[deletionCostAnnotation];
  return {
    deletionCost: cost !== undefined && !isDeletionCost(cost),
    hugePages: [...all.map((c) => c['resources']), { limits: spec['overhead'] }].some(hasOddHugePages),
    affinitySelectors: affinityTerms(affinity).some(hasOddSelector),
    nodeAffinityValues: hasOddNodeAffinity(affinity['nodeAffinity']),
    spreadSelectors: constraints.some((c) => isOddSelector(c['labelSelector'])),
    spreadKeys: constraints.some(breaksLabelKeyRules),
    tokenPaths: volumes.some(hasOddTokenPath),
    hostSysctls: (spec['securityContext']?.sysctls ?? []).some((s: Json) =>
      isHostSysctl(s['name'] ?? '', spec),
    ),
    seLinuxChangePolicy: spec['securityContext']?.seLinuxChangePolicy != null,
    devicesOfUserNamespaces: hasOwnUsers && all.some((c) => c['volumeDevices']?.length > 0),
    hostNetworkOfUserNamespaces: hasOwnUsers && spec['hostNetwork'] === true,
    restartOfInitContainers: (spec['initContainers'] ?? []).some(restartsThoughEnding),
    imageWithoutReference: volumes.some((v) => v['image'] != null && !v['image'].reference),
  };
}

function containersOf(spec: Json): Json[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => spec[list] ?? []);
}

function hasOddHugePages(resources: Json | undefined): boolean {
  for (const member of ['limits', 'requests']) {
    const list: Json = resources?.[member] ?? {};
    for (const name of Object.keys(list)) {
      if (isHugePageResource(name) && !isDivisibleHugePages(name, list[name])) return true;
    }
  }
  return false;
}

function affinityTerms(affinity: Json): Json[] {
  return ['podAffinity', 'podAntiAffinity'].flatMap((side) => [
    ...(affinity[side]?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity[side]?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      (weighted: Json) => weighted['podAffinityTerm'] ?? {},
    ),
  ]);
}

function hasOddSelector(term: Json): boolean {
  return isOddSelector(term['labelSelector']) || isOddSelector(term['namespaceSelector']);
}

function isOddSelector(selector: Json | undefined): boolean {
  const errs: Errors = [];
  validateLabelSelector(errs, selector, anywhere);
  return errs.length > 0;
}

function hasOddNodeAffinity(affinity: Json | undefined): boolean {
  const terms: readonly Json[] =
    affinity?.['requiredDuringSchedulingIgnoredDuringExecution']?.nodeSelectorTerms ?? [];
  return terms.some((term) =>
    (term['matchExpressions'] ?? []).some((expression: Json) =>
      (expression['values'] ?? []).some((value: string) => isValidLabelValue(value).length > 0),
    ),
  );
}

function hasOddTokenPath(volume: Json): boolean {
  const sources: readonly Json[] = volume['projected']?.sources ?? [];
  return sources.some(
    ({ serviceAccountToken: token }) => token != null && !isLocalNonReservedPath(token.path ?? ''),
  );
}

function restartsThoughEnding(container: Json): boolean {
  if (container['restartPolicy'] === 'Always') return false;
  const policies: readonly Json[] = container['resizePolicy'] ?? [];
  return policies.some((policy) => policy['restartPolicy'] === 'RestartContainer');
}
