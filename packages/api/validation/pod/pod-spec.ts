import {
  duplicate,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '@coxswain/machinery';
import { validateDNS1123Label, validateDNS1123Subdomain, validateQualifiedName } from '../formats.ts';
import { dnsSubdomainName } from '../names.ts';
import { validateLabels } from '../object-meta.ts';
import {
  addInvalid,
  blank,
  byteLength,
  type Errors,
  type Json,
  maxInt32,
  namelessPath,
  oneOf,
  rangeMessage,
  requireText,
} from '../values.ts';
import {
  type ContainerContext,
  validateContainers,
  validateEphemeralContainers,
  validateInitContainers,
} from './container/container.ts';
import { validateFileVolumes } from './container/env.ts';
import { validateContainerResources } from './container/resource-requirements.ts';
import { validateHostUsers, validatePodSecurityContext } from './container/security-context.ts';
import { validateHostProcess, validatePodOS } from './container/windows-options.ts';
import { validateDNSConfig, validateDNSPolicy, validateHostAliases } from './dns.ts';
import type { Leniency } from './leniency.ts';
import { validatePodResources } from './pod-resources.ts';
import { validateAffinity } from './scheduling/affinity.ts';
import { validateTolerations } from './scheduling/tolerations.ts';
import { validateTopologySpread } from './scheduling/topology-spread.ts';
import { validateVolumes } from './volumes/volumes.ts';

/** How a pod spec's surroundings bear on it. */
export interface PodSpecContext {
  /** The name of the pod itself; absent in templates. */
  readonly podName: string | undefined;
  /** Whether this is a pod rather than a template of some. */
  readonly isPod: boolean;
  /** Whether the pod stands for one that a node runs by itself. */
  readonly isMirror: boolean;
  readonly leniency: Leniency;
}

/** ValidatePodSpec: a pod's spec or a template's, after defaults. */
export function validatePodSpec(errs: Errors, spec: Json, path: FieldPath, context: PodSpecContext): void {
  const { leniency } = context;
  const grace: number | undefined = spec['terminationGracePeriodSeconds'];
  if (grace == null) errs.push(required(path.child('terminationGracePeriodSeconds')));
  const volumes = validateVolumes(errs, spec['volumes'], path.child('volumes'), context);
  const claims: readonly Json[] = spec['resourceClaims'] ?? [];
  const inner: ContainerContext = {
    volumes,
    claimNames: new Set(claims.map((c) => c['name']).filter((name) => !blank(name))),
    grace,
    restartPolicy: spec['restartPolicy'] ?? '',
    hostUsers: spec['hostUsers'] !== false,
    leniency,
  };
  validateResourceClaims(errs, claims, path.child('resourceClaims'), context);
  validateContainers(errs, spec['containers'], path.child('containers'), inner);
  const initPath = path.child('initContainers');
  validateInitContainers(errs, spec['initContainers'], spec['containers'], initPath, inner);
  validateEphemeralContainers(errs, spec, path.child('ephemeralContainers'), inner);
  validatePodResources(errs, spec, inner.claimNames, path.child('resources'), leniency);
  if (spec['hostNetwork']) validateHostNetworkPorts(errs, spec, path, context);
  validateRestartPolicy(errs, spec['restartPolicy'], path.child('restartPolicy'));
  validateDNSPolicy(errs, spec['dnsPolicy'], path.child('dnsPolicy'));
  validateLabels(errs, spec['nodeSelector'], path.child('nodeSelector'));
  validatePodSecurityContext(errs, spec, path.child('securityContext'), leniency);
  validateAffinity(errs, spec['affinity'], path.child('affinity'), leniency);
  validateDNSConfig(errs, spec, path.child('dnsConfig'));
  validateGates(errs, spec, path);
  const spreadPath = path.child('topologySpreadConstraints');
  validateTopologySpread(errs, spec['topologySpreadConstraints'], spreadPath, leniency);
  validateHostProcess(errs, spec, path);
  validateHostUsers(errs, spec, path, leniency);
  if (spec['hostnameOverride'] != null) validateHostnameOverride(errs, spec, path);
  validateNames(errs, spec, path);
  validateTolerations(errs, spec['tolerations'], path.child('tolerations'));
  validateHostAliases(errs, spec['hostAliases'], path.child('hostAliases'));
  validateClasses(errs, spec, path, inner);
  if (spec['os'] != null) validatePodOS(errs, spec, path);
  validateFileVolumes(errs, spec, path);
}

/** Names that must be well-formed where they are given, and the deadline among them as upstream orders it. */
function validateNames(errs: Errors, spec: Json, path: FieldPath): void {
  const { serviceAccountName, nodeName, activeDeadlineSeconds, hostname, subdomain } = spec;
  if (!blank(serviceAccountName)) {
    const messages = dnsSubdomainName(serviceAccountName, false);
    addInvalid(errs, path.child('serviceAccountName'), serviceAccountName, messages);
  }
  if (!blank(nodeName)) addInvalid(errs, path.child('nodeName'), nodeName, dnsSubdomainName(nodeName, false));
  if (activeDeadlineSeconds != null) {
    if (activeDeadlineSeconds < 1 || activeDeadlineSeconds > maxInt32) {
      const message = rangeMessage(1, maxInt32);
      errs.push(invalid(path.child('activeDeadlineSeconds'), activeDeadlineSeconds, message));
    }
  }
  if (!blank(hostname)) validateDNS1123Label(errs, hostname, path.child('hostname'));
  if (!blank(subdomain)) validateDNS1123Label(errs, subdomain, path.child('subdomain'));
}

// the kernel's limit on a host name
const longestHostname = 64;

function validateHostnameOverride(errs: Errors, spec: Json, path: FieldPath): void {
  const place = path.child('hostnameOverride');
  const name: string = spec['hostnameOverride'];
  for (const member of ['setHostnameAsFQDN', 'hostNetwork']) {
    if (spec[member] !== true) continue;
    errs.push(forbidden(place, `may not be specified when ${member} is true`));
  }
  if (byteLength(name) > longestHostname) errs.push(tooLong(place, longestHostname));
  validateDNS1123Subdomain(errs, name, place);
}

function validateClasses(errs: Errors, spec: Json, path: FieldPath, context: ContainerContext): void {
  const { priorityClassName, runtimeClassName, preemptionPolicy, overhead } = spec;
  if (!blank(priorityClassName)) {
    const messages = dnsSubdomainName(priorityClassName, false);
    addInvalid(errs, path.child('priorityClassName'), priorityClassName, messages);
  }
  if (runtimeClassName != null) {
    const messages = dnsSubdomainName(runtimeClassName, false);
    addInvalid(errs, path.child('runtimeClassName'), runtimeClassName, messages);
  }
  if (preemptionPolicy != null) {
    validatePreemptionPolicy(errs, preemptionPolicy, path.child('preemptionPolicy'));
  }
  if (overhead != null) {
    const place = path.child('overhead');
    validateContainerResources(errs, { limits: overhead }, context.claimNames, place, context.leniency);
  }
}

/** ValidatePreemptionPolicy. */
export function validatePreemptionPolicy(errs: Errors, policy: string, path: FieldPath): void {
  if (requireText(errs, path, policy)) oneOf(errs, path, policy, ['PreemptLowerPriority', 'Never']);
}

function validateRestartPolicy(errs: Errors, policy: string | undefined, path: FieldPath): void {
  const known = ['Always', 'OnFailure', 'Never'];
  if (blank(policy)) errs.push(required(path));
  else if (!known.includes(policy!)) errs.push(notSupported(path, policy, known));
}

/** On the host's network a port of the container is the port of the host. */
function validateHostNetworkPorts(errs: Errors, spec: Json, path: FieldPath, context: PodSpecContext): void {
  const containers: readonly Json[] = spec['containers'] ?? [];
  containers.forEach((container, i) => {
    const ports: readonly Json[] = container['ports'] ?? [];
    ports.forEach((port, j) => {
      const hostPort: number = port['hostPort'] ?? 0;
      if ((!context.isPod && hostPort === 0) || hostPort === (port['containerPort'] ?? 0)) return;
      const place = path.child('containers').index(i).child('ports').index(j).child('hostPort');
      errs.push(invalid(place, hostPort, 'must match `containerPort` when `hostNetwork` is true'));
    });
  });
}

function validateGates(errs: Errors, spec: Json, path: FieldPath): void {
  const readiness: readonly Json[] = spec['readinessGates'] ?? [];
  readiness.forEach((gate, i) => {
    validateQualifiedName(
      errs,
      gate['conditionType'],
      path.child('readinessGates').index(i).child('conditionType'),
    );
  });
  const scheduling: readonly Json[] = spec['schedulingGates'] ?? [];
  const seen = new Set<string>();
  scheduling.forEach((gate, i) => {
    const place = path.child('schedulingGates').index(i);
    validateQualifiedName(errs, gate['name'], place);
    if (seen.has(gate['name'])) errs.push(duplicate(place, gate['name']));
    seen.add(gate['name']);
  });
}

function validateResourceClaims(
  errs: Errors,
  claims: readonly Json[],
  path: FieldPath,
  context: PodSpecContext,
): void {
  const names = new Set<string>();
  claims.forEach((claim, i) => {
    if (context.isMirror) {
      errs.push(forbidden(namelessPath, 'static pods do not support resource claims'));
      return;
    }
    const place = path.index(i);
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    if (blank(name)) errs.push(required(place.child('name')));
    else if (names.has(name)) errs.push(duplicate(place.child('name'), name));
    else validateDNS1123Label(errs, name, place.child('name'));
    names.add(name);
    const shown = {
      Name: name ?? '',
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    };
    if (resourceClaimName != null && resourceClaimTemplateName != null) {
      const message = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      errs.push(invalid(place, shown, message));
    }
    if (resourceClaimName == null && resourceClaimTemplateName == null) {
      const message = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
      errs.push(invalid(place, shown, message));
    }
    for (const member of ['resourceClaimName', 'resourceClaimTemplateName']) {
      if (claim[member] == null) continue;
      addInvalid(errs, place.child(member), claim[member], dnsSubdomainName(claim[member], false));
    }
  });
}
