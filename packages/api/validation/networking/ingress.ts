import {
  FieldPath,
  invalid,
  isDNS1123Subdomain,
  isSloppyIP,
  isValidPortName,
  isValidPortNum,
  isWildcardDNS1123Subdomain,
  required,
} from '@coxswain/machinery';
import { validateIP } from '../formats.ts';
import { dnsLabelName, dnsSubdomainName } from '../names.ts';
import {
  addInvalid,
  blank,
  type Errors,
  type Json,
  oneOf,
  requireText,
  sizeOf,
  specPath,
  statusPath,
} from '../values.ts';
import { validateTypedReference } from './typed-reference.ts';

const classAnnotation = 'kubernetes.io/ingress.class';
const notAnAddress = 'must be a DNS name, not an IP address';

/** ValidateIngressCreate without the metadata's generic part. */
export function validateIngressCreate(errs: Errors, ingress: Json): void {
  validateIngress(errs, ingress);
  const annotation: string | undefined = ingress['metadata'].annotations?.[classAnnotation];
  const name: string | undefined = ingress['spec'].ingressClassName;
  if (annotation == null || name == null || annotation === name) return;
  const message = 'must match `ingressClassName` when both are specified';
  errs.push(invalid(FieldPath.root('annotations').child(classAnnotation), annotation, message));
}

/** ValidateIngressSpec. */
export function validateIngress(errs: Errors, ingress: Json): void {
  const spec: Json = ingress['spec'];
  const rules: readonly Json[] = spec['rules'] ?? [];
  if (rules.length === 0 && spec['defaultBackend'] == null) {
    errs.push(invalid(specPath, undefined, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (spec['defaultBackend'] != null) {
    validateBackend(errs, spec['defaultBackend'], specPath.child('defaultBackend'));
  }
  rules.forEach((rule, i) => {
    validateRule(errs, rule, specPath.child('rules').index(i));
  });
  validateTLS(errs, spec['tls'] ?? [], specPath.child('tls'));
  const name: string | undefined = spec['ingressClassName'];
  if (name != null) addInvalid(errs, specPath.child('ingressClassName'), name, dnsSubdomainName(name, false));
}

function hostProblems(host: string): readonly string[] {
  return host.includes('*') ? isWildcardDNS1123Subdomain(host) : isDNS1123Subdomain(host);
}

function validateTLS(errs: Errors, list: readonly Json[], path: FieldPath): void {
  list.forEach((tls, i) => {
    const hosts: readonly string[] = tls['hosts'] ?? [];
    hosts.forEach((host, j) => {
      addInvalid(errs, path.index(i).child('hosts').index(j), host, hostProblems(host));
    });
    const secret: string | undefined = tls['secretName'];
    if (blank(secret)) return;
    addInvalid(errs, path.index(i).child('secretName'), secret, dnsSubdomainName(secret!, false));
  });
}

function validateRule(errs: Errors, rule: Json, path: FieldPath): void {
  const host: string = rule['host'] ?? '';
  if (host !== '') {
    if (isSloppyIP(host)) errs.push(invalid(path.child('host'), host, notAnAddress));
    addInvalid(errs, path.child('host'), host, hostProblems(host));
  }
  if (rule['http'] == null) return;
  const paths: readonly Json[] = rule['http'].paths ?? [];
  const place = path.child('http').child('paths');
  if (paths.length === 0) errs.push(required(place));
  paths.forEach((one, i) => {
    validatePath(errs, one, place.index(i));
  });
}

const badSequences = ['//', '/./', '/../', '%2f', '%2F'];
const badSuffixes = ['/..', '/.'];

function validatePath(errs: Errors, one: Json, path: FieldPath): void {
  const type: string | undefined = one['pathType'];
  const value: string = one['path'] ?? '';
  const place = path.child('path');
  if (type == null) {
    errs.push(required(path.child('pathType'), 'pathType must be specified'));
    return;
  }
  if (type === 'Exact' || type === 'Prefix') {
    if (!value.startsWith('/')) errs.push(invalid(place, value, 'must be an absolute path'));
    for (const bad of badSequences) {
      if (value.includes(bad)) errs.push(invalid(place, value, `must not contain '${bad}'`));
    }
    for (const bad of badSuffixes) {
      if (value.endsWith(bad)) errs.push(invalid(place, value, `cannot end with '${bad}'`));
    }
  } else if (type === 'ImplementationSpecific') {
    if (value !== '' && !value.startsWith('/')) {
      errs.push(invalid(place, value, 'must be an absolute path'));
    }
  } else {
    oneOf(errs, path.child('pathType'), type, ['Exact', 'ImplementationSpecific', 'Prefix']);
  }
  validateBackend(errs, one['backend'] ?? {}, path.child('backend'));
}

function validateBackend(errs: Errors, backend: Json, path: FieldPath): void {
  const { resource, service } = backend;
  if (resource != null && service != null) {
    errs.push(invalid(path, '', 'cannot set both resource and service backends'));
  } else if (resource != null) {
    validateTypedReference(errs, resource, path.child('resource'));
  } else if (service != null) {
    if (requireText(errs, path.child('service', 'name'), service.name)) {
      addInvalid(errs, path.child('service', 'name'), service.name, dnsLabelName(service.name, false));
    }
    validateServicePort(errs, service.port ?? {}, path);
  } else {
    errs.push(invalid(path, '', 'resource or service backend is required'));
  }
}

function validateServicePort(errs: Errors, port: Json, path: FieldPath): void {
  const name: string = port['name'] ?? '';
  const number: number = port['number'] ?? 0;
  if (name !== '' && number !== 0) {
    errs.push(invalid(path, '', 'cannot set both port name & port number'));
  } else if (name !== '') {
    addInvalid(errs, path.child('service', 'port', 'name'), name, isValidPortName(name));
  } else if (number !== 0) {
    addInvalid(errs, path.child('service', 'port', 'number'), number, isValidPortNum(number));
  } else {
    errs.push(required(path, 'port name or number is required'));
  }
}

/** ValidateIngressStatusUpdate. */
export function validateIngressStatus(errs: Errors, ingress: Json, old: Json): void {
  const before = ingressIPs(old);
  const list: readonly Json[] = ingress['status']?.loadBalancer?.ingress ?? [];
  if (sizeOf(list as unknown[]) === 0) return;
  list.forEach((one, i) => {
    const place = statusPath.child('loadBalancer').child('ingress').index(i);
    if (!blank(one['ip'])) validateIP(errs, one['ip'], place.child('ip'), before);
    const host: string = one['hostname'] ?? '';
    if (host === '') return;
    addInvalid(errs, place.child('hostname'), host, isDNS1123Subdomain(host));
    if (isSloppyIP(host)) errs.push(invalid(place.child('hostname'), host, notAnAddress));
  });
}

/** The addresses of a load balancer's status, which older rules may have let in. */
export function ingressIPs(object: Json): string[] {
  const list: readonly Json[] = object['status']?.loadBalancer?.ingress ?? [];
  return list.map((one) => one['ip'] ?? '');
}
