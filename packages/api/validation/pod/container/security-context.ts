import {
  duplicate,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '@coxswain/machinery';
import { goStruct } from '../../go-print.ts';
import { blank, byteLength, type Errors, type Json, oneOf, posixId, sizeOf } from '../../values.ts';
import { isHostSysctl, sysctlNamespace } from '../host-sysctl.ts';
import type { Leniency } from '../leniency.ts';
import { validateLocalDescendingPath } from '../paths.ts';
import { visitContainers } from './visit-containers.ts';
import { validateWindowsOptions } from './windows-options.ts';

function printed(context: Json): unknown {
  return goStruct(context, 'io.k8s.api.core.v1.SecurityContext');
}

/** A container's security context. */
export function validateSecurityContext(
  errs: Errors,
  context: Json | undefined,
  path: FieldPath,
  hostUsers: boolean,
): void {
  if (context == null) return;
  posixId(errs, path.child('runAsUser'), context['runAsUser']);
  posixId(errs, path.child('runAsGroup'), context['runAsGroup']);
  const mount: string | undefined = context['procMount'];
  if (mount != null) {
    oneOf(errs, path.child('procMount'), mount, ['Default', 'Unmasked']);
    if (hostUsers && mount === 'Unmasked') {
      errs.push(invalid(path.child('procMount'), mount, '`hostUsers` must be false to use `Unmasked`'));
    }
  }
  validateSeccompProfile(errs, context['seccompProfile'], path.child('seccompProfile'));
  if (context['allowPrivilegeEscalation'] === false) {
    const head = 'cannot set `allowPrivilegeEscalation` to false and';
    if (context['privileged'] === true) {
      errs.push(invalid(path, printed(context), `${head} \`privileged\` to true`));
    }
    for (const capability of context['capabilities']?.add ?? []) {
      if (capability !== 'CAP_SYS_ADMIN') continue;
      errs.push(invalid(path, printed(context), `${head} \`capabilities.Add\` CAP_SYS_ADMIN`));
    }
  }
  validateWindowsOptions(errs, context['windowsOptions'], path.child('windowsOptions'));
  validateAppArmorProfile(errs, context['appArmorProfile'], path.child('appArmorProfile'));
}

const seccompTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function validateSeccompProfile(errs: Errors, profile: Json | undefined, path: FieldPath): void {
  if (profile == null) return;
  const type: string = profile['type'] ?? '';
  const local: string | undefined = profile['localhostProfile'];
  const place = path.child('localhostProfile');
  if (type === '') errs.push(required(path.child('type'), 'type is required when seccompProfile is set'));
  else oneOf(errs, path.child('type'), type, seccompTypes);
  if (type === 'Localhost') {
    if (local == null) errs.push(required(place, 'must be set when seccomp type is Localhost'));
    else validateLocalDescendingPath(errs, local, place);
  } else if (local != null) {
    const shown = { Type: type, LocalhostProfile: local };
    errs.push(invalid(place, shown, 'can only be set when seccomp type is Localhost'));
  }
}

// PATH_MAX - 1
const longestProfile = 4095;

function validateAppArmorProfile(errs: Errors, profile: Json | undefined, path: FieldPath): void {
  if (profile == null) return;
  const type: string = profile['type'] ?? '';
  const local: string | undefined = profile['localhostProfile'];
  const place = path.child('localhostProfile');
  if (type === 'Localhost') {
    if (local == null) {
      errs.push(required(place, 'must be set when AppArmor type is Localhost'));
      return;
    }
    if (local.trim() !== local) errs.push(invalid(place, local, 'must not be padded with whitespace'));
    else if (local === '') errs.push(required(place, 'must be set when AppArmor type is Localhost'));
    if (byteLength(local) > longestProfile) errs.push(tooLong(place, longestProfile));
  } else if (type === 'RuntimeDefault' || type === 'Unconfined') {
    if (local != null) {
      errs.push(invalid(place, local, 'can only be set when AppArmor type is Localhost'));
    }
  } else if (type === '') {
    errs.push(required(path.child('type'), 'type is required when appArmorProfile is set'));
  } else {
    errs.push(notSupported(path.child('type'), type, seccompTypes));
  }
}

/** The security context of a pod as a whole. */
export function validatePodSecurityContext(
  errs: Errors,
  spec: Json,
  path: FieldPath,
  leniency: Leniency,
): void {
  const context: Json | undefined = spec['securityContext'];
  if (context == null) return;
  posixId(errs, path.child('fsGroup'), context['fsGroup']);
  posixId(errs, path.child('runAsUser'), context['runAsUser']);
  posixId(errs, path.child('runAsGroup'), context['runAsGroup']);
  const groups: readonly number[] = context['supplementalGroups'] ?? [];
  groups.forEach((id, i) => {
    posixId(errs, path.child('supplementalGroups').index(i), id);
  });
  if (spec['shareProcessNamespace'] === true && spec['hostPID'] === true) {
    const message = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errs.push(invalid(path.child('shareProcessNamespace'), true, message));
  }
  if (sizeOf(context['sysctls']) > 0) {
    validateSysctls(errs, spec, path.child('sysctls'), leniency);
  }
  enumerated(errs, context, 'fsGroupChangePolicy', ['Always', 'OnRootMismatch'], path);
  validateSeccompProfile(errs, context['seccompProfile'], path.child('seccompProfile'));
  validateWindowsOptions(errs, context['windowsOptions'], path.child('windowsOptions'));
  validateAppArmorProfile(errs, context['appArmorProfile'], path.child('appArmorProfile'));
  enumerated(errs, context, 'supplementalGroupsPolicy', ['Merge', 'Strict'], path);
  // mounting with labels is off in this release
  const policies = leniency.seLinuxChangePolicy ? ['MountOption', 'Recursive'] : ['Recursive'];
  enumerated(errs, context, 'seLinuxChangePolicy', policies, path);
}

function enumerated(
  errs: Errors,
  context: Json,
  name: string,
  values: readonly string[],
  path: FieldPath,
): void {
  if (context[name] != null) oneOf(errs, path.child(name), context[name], values);
}

const sysctlFormat = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const sysctl = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;

function validateSysctls(errs: Errors, spec: Json, path: FieldPath, leniency: Leniency): void {
  const seen = new Set<string>();
  const sysctls: readonly Json[] = spec['securityContext'].sysctls;
  sysctls.forEach((one, i) => {
    const name: string = one['name'] ?? '';
    const place = path.index(i).child('name');
    if (blank(name)) errs.push(required(place));
    else if (byteLength(name) > 253 || !sysctl.test(name)) {
      const message = `must have at most 253 characters and match regex ${sysctlFormat}`;
      errs.push(invalid(place, name, message));
    } else if (seen.has(name)) errs.push(duplicate(place, name));
    if (!leniency.hostSysctls && isHostSysctl(name, spec)) {
      const member = sysctlNamespace(name) === 'net' ? 'hostNetwork' : 'hostIPC';
      errs.push(invalid(place, name, `may not be specified when '${member}' is true`));
    }
    seen.add(name);
  });
}

/** A pod with its own user namespace shares no other namespace with the host, and takes no raw devices. */
export function validateHostUsers(errs: Errors, spec: Json, path: FieldPath, leniency: Leniency): void {
  if (spec['hostUsers'] !== false) return;
  const message = 'when `hostUsers` is false';
  if (spec['hostNetwork'] && !leniency.hostNetworkOfUserNamespaces) {
    errs.push(forbidden(path.child('hostNetwork'), message));
  }
  if (spec['hostPID']) errs.push(forbidden(path.child('HostPID'), message));
  if (spec['hostIPC']) errs.push(forbidden(path.child('HostIPC'), message));
  if (leniency.devicesOfUserNamespaces) return;
  visitContainers(spec, path, (container, place) => {
    if (sizeOf(container['volumeDevices']) === 0) return;
    errs.push(forbidden(place.child('volumeDevices'), message));
  });
}
