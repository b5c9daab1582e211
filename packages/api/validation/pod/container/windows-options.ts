import {
  type FieldPath,
  forbidden,
  invalid,
  isDNS1123Subdomain,
  notSupported,
  required,
} from '@coxswain/machinery';
import { addInvalid, byteLength, type Errors, type Json } from '../../values.ts';
import { visitContainers } from './visit-containers.ts';

const specLimitKiB = 64;
const domainLimit = 256;
const userLimit = 104;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const control = /[\x00-\x1f\x7f]/;
const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsDomain =
  /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const badUserCharacters = /["/\\:;|=,+*?<>@[\]]/;
const dotsAndSpaces = /^[. ]+$/;

/** Options that only Windows nodes use. */
export function validateWindowsOptions(errs: Errors, options: Json | undefined, path: FieldPath): void {
  if (options == null) return;
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName != null) {
    const place = path.child('gmsaCredentialSpecName');
    addInvalid(errs, place, gmsaCredentialSpecName, isDNS1123Subdomain(gmsaCredentialSpecName));
  }
  if (gmsaCredentialSpec != null) {
    const place = path.child('gmsaCredentialSpec');
    if (gmsaCredentialSpec === '') {
      errs.push(invalid(place, '', 'gmsaCredentialSpec cannot be an empty string'));
    } else if (byteLength(gmsaCredentialSpec) > specLimitKiB * 1024) {
      const message = `gmsaCredentialSpec size must be under ${specLimitKiB} KiB`;
      errs.push(invalid(place, gmsaCredentialSpec, message));
    }
  }
  if (runAsUserName != null) validateUserName(errs, runAsUserName, path.child('runAsUserName'));
}

function validateUserName(errs: Errors, name: string, path: FieldPath): void {
  for (const problem of userNameProblems(name)) errs.push(invalid(path, name, `runAsUserName${problem}`));
}

function userNameProblems(name: string): string[] {
  const parts = name.split('\\');
  if (name === '') return [' cannot be an empty string'];
  if (control.test(name)) return [' cannot contain control characters'];
  if (parts.length > 2) return [' cannot contain more than one backslash'];
  const problems: string[] = [];
  const domain = parts.length === 2 ? parts[0]! : '';
  const user = parts.at(-1)!;
  if (byteLength(domain) >= domainLimit) {
    problems.push(`'s Domain length must be under ${domainLimit} characters`);
  }
  if (parts.length === 2 && !netBios.test(domain) && !dnsDomain.test(domain)) {
    problems.push("'s Domain doesn't match the NetBios nor the DNS format");
  }
  if (user === '') problems.push("'s User cannot be empty");
  else if (byteLength(user) > userLimit) {
    problems.push(`'s User length must not be longer than ${userLimit} characters`);
  }
  if (dotsAndSpaces.test(user)) problems.push("'s User cannot contain only periods or spaces");
  if (badUserCharacters.test(user)) {
    problems.push(`'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  }
  return problems;
}

/** Host process containers: all of a pod's or none, and only on the host's network. */
export function validateHostProcess(errs: Errors, spec: Json, path: FieldPath): void {
  const pod: boolean | undefined = spec['securityContext']?.windowsOptions?.hostProcess;
  let total = 0;
  let hosted = 0;
  visitContainers(spec, path, (container, place) => {
    total++;
    const own: boolean | undefined = container['securityContext']?.windowsOptions?.hostProcess;
    if (pod != null && own != null && pod !== own) {
      const message = `pod hostProcess value must be identical if both are specified, was ${pod}`;
      errs.push(invalid(place.child('securityContext', 'windowsOptions', 'hostProcess'), own, message));
    }
    if (own ?? pod) hosted++;
  });
  if (hosted === 0) return;
  if (hosted !== total) {
    const message =
      'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errs.push(invalid(path, '', message));
  }
  if (!spec['hostNetwork']) {
    const message = 'hostNetwork must be true if pod contains any hostProcess containers';
    errs.push(invalid(path.child('hostNetwork'), false, message));
  }
}

const podForbiddenOnWindows = [
  ['securityContext.appArmorProfile', true],
  ['securityContext.seLinuxOptions', true],
  ['hostUsers', true],
  ['hostPID', false],
  ['hostIPC', false],
  ['securityContext.seccompProfile', true],
  ['securityContext.fsGroup', true],
  ['securityContext.fsGroupChangePolicy', true],
  ['securityContext.sysctls', true],
  ['shareProcessNamespace', true],
  ['securityContext.runAsUser', true],
  ['securityContext.runAsGroup', true],
  ['securityContext.supplementalGroups', true],
  ['securityContext.supplementalGroupsPolicy', true],
  ['securityContext.seLinuxChangePolicy', true],
] as const;

const containerForbiddenOnWindows = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
];

/** What the pod's operating system rules out. */
export function validatePodOS(errs: Errors, spec: Json, path: FieldPath): void {
  const name: string = spec['os'].name ?? '';
  const place = path.child('os');
  if (name === 'linux') validateLinux(errs, spec, path);
  else if (name === 'windows') validateWindows(errs, spec, path);
  else if (name === '') errs.push(required(place.child('name')));
  else errs.push(notSupported(place, name, ['linux', 'windows']));
}

function validateLinux(errs: Errors, spec: Json, path: FieldPath): void {
  const message = 'windows options cannot be set for a linux pod';
  if (spec['securityContext']?.windowsOptions != null) {
    errs.push(forbidden(path.child('securityContext').child('windowsOptions'), message));
  }
  visitContainers(spec, path, (container, place) => {
    if (container['securityContext']?.windowsOptions == null) return;
    errs.push(forbidden(place.child('securityContext').child('windowsOptions'), message));
  });
}

function validateWindows(errs: Errors, spec: Json, path: FieldPath): void {
  const message = 'cannot be set for a windows pod';
  for (const [where, pointer] of podForbiddenOnWindows) {
    const names = where.split('.');
    let value: any = spec;
    for (const part of names) value = value?.[part];
    const set = pointer ? value != null : value === true;
    if (set) errs.push(forbidden(path.child(...names), message));
  }
  visitContainers(spec, path, (container, place) => {
    for (const member of containerForbiddenOnWindows) {
      if (container['securityContext']?.[member] == null) continue;
      errs.push(forbidden(place.child('securityContext').child(member), message));
    }
  });
}
