import {
  duplicate,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '@coxswain/machinery';
import { type GoLayout, goPrint } from '../go-print.ts';
import { blank, byteLength, type Errors, type Json, oneOf, posixId, sizeOf } from '../values.ts';
import { validateLocalDescendingPath } from './paths.ts';
import { validateWindowsOptions } from './windows-options.ts';

const containerLayout: GoLayout = [
  ['Capabilities', 'capabilities', null],
  ['Privileged', 'privileged', null],
  ['SELinuxOptions', 'seLinuxOptions', null],
  ['WindowsOptions', 'windowsOptions', null],
  ['RunAsUser', 'runAsUser', null],
  ['RunAsGroup', 'runAsGroup', null],
  ['RunAsNonRoot', 'runAsNonRoot', null],
  ['ReadOnlyRootFilesystem', 'readOnlyRootFilesystem', null],
  ['AllowPrivilegeEscalation', 'allowPrivilegeEscalation', null],
  ['ProcMount', 'procMount', null],
  ['SeccompProfile', 'seccompProfile', null],
  ['AppArmorProfile', 'appArmorProfile', null],
];

function printed(context: Json): Json {
  const out = goPrint(context, containerLayout);
  const capabilities: Json | undefined = context['capabilities'];
  if (capabilities != null) {
    out['Capabilities'] = { Add: capabilities['add'] ?? null, Drop: capabilities['drop'] ?? null };
  }
  return out;
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
export function validatePodSecurityContext(errs: Errors, spec: Json, path: FieldPath): void {
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
  if (sizeOf(context['sysctls']) > 0) validateSysctls(errs, spec, path.child('sysctls'));
  enumerated(errs, context, 'fsGroupChangePolicy', ['Always', 'OnRootMismatch'], path);
  validateSeccompProfile(errs, context['seccompProfile'], path.child('seccompProfile'));
  validateWindowsOptions(errs, context['windowsOptions'], path.child('windowsOptions'));
  validateAppArmorProfile(errs, context['appArmorProfile'], path.child('appArmorProfile'));
  enumerated(errs, context, 'supplementalGroupsPolicy', ['Merge', 'Strict'], path);
  enumerated(errs, context, 'seLinuxChangePolicy', ['MountOption', 'Recursive'], path);
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

function validateSysctls(errs: Errors, spec: Json, path: FieldPath): void {
  const seen = new Set<string>();
  const sysctls: readonly Json[] = spec['securityContext'].sysctls;
  sysctls.forEach((one, i) => {
    const name: string = one['name'] ?? '';
    const place = path.index(i).child('name');
    if (blank(name)) errs.push(required(place));
    else if (name.length > 253 || !sysctl.test(name)) {
      const message = `must have at most 253 characters and match regex ${sysctlFormat}`;
      errs.push(invalid(place, name, message));
    } else if (seen.has(name)) errs.push(duplicate(place, name));
    const group = sysctlNamespace(name.replaceAll('/', '.'));
    if (spec['hostNetwork'] && group === 'net') {
      errs.push(invalid(place, name, "may not be specified when 'hostNetwork' is true"));
    } else if (spec['hostIPC'] && group === 'ipc') {
      errs.push(invalid(place, name, "may not be specified when 'hostIPC' is true"));
    }
    seen.add(name);
  });
}

function sysctlNamespace(name: string): 'net' | 'ipc' | undefined {
  if (name.startsWith('net.')) return 'net';
  if (name === 'kernel.sem' || /^(kernel\.shm|kernel\.msg|fs\.mqueue\.)/.test(name)) return 'ipc';
  return undefined;
}

/** A pod with its own user namespace shares no other namespace with the host. */
export function validateHostUsers(errs: Errors, spec: Json, path: FieldPath): void {
  if (spec['hostUsers'] !== false) return;
  const message = 'when `pod.Spec.HostUsers` is false';
  if (spec['hostNetwork']) errs.push(forbidden(path.child('hostNetwork'), message));
  if (spec['hostPID']) errs.push(forbidden(path.child('HostPID'), message));
  if (spec['hostIPC']) errs.push(forbidden(path.child('HostIPC'), message));
}
