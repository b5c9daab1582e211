import {
  type FieldPath,
  invalid,
  isDNS1123SubdomainWithUnderscore,
  notSupported,
  required,
} from '@coxswain/machinery';
import { validateDNS1123Subdomain, validateIP } from '../formats.ts';
import { addInvalid, blank, byteLength, type Errors, type Json } from '../values.ts';

const policies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
// what libc's resolver takes
const maxNameservers = 3;
const maxSearches = 32;
const maxSearchBytes = 2048;

export function validateDNSPolicy(errs: Errors, policy: string | undefined, path: FieldPath): void {
  if (blank(policy)) errs.push(required(path));
  else if (!policies.includes(policy!)) errs.push(notSupported(path, policy, policies));
}

/** The resolver's settings of a pod; with policy None they must name a server. */
export function validateDNSConfig(errs: Errors, spec: Json, path: FieldPath): void {
  const config: Json | undefined = spec['dnsConfig'];
  const servers: readonly string[] = config?.['nameservers'] ?? [];
  if (spec['dnsPolicy'] === 'None') {
    if (config == null) {
      errs.push(required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'));
      return;
    }
    if (servers.length === 0) {
      const message = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      errs.push(required(path.child('nameservers'), message));
      return;
    }
  }
  if (config == null) return;
  if (servers.length > maxNameservers) {
    const message = `must not have more than ${maxNameservers} nameservers`;
    errs.push(invalid(path.child('nameservers'), servers, message));
  }
  servers.forEach((server, i) => {
    validateIP(errs, server, path.child('nameservers').index(i));
  });
  validateSearches(errs, config['searches'] ?? [], path.child('searches'));
  const options: readonly Json[] = config['options'] ?? [];
  options.forEach((option, i) => {
    if (blank(option['name'])) errs.push(required(path.child('options').index(i), 'must not be empty'));
  });
}

function validateSearches(errs: Errors, searches: readonly string[], path: FieldPath): void {
  if (searches.length > maxSearches) {
    errs.push(invalid(path, searches, `must not have more than ${maxSearches} search paths`));
  }
  if (byteLength(searches.join(' ')) > maxSearchBytes) {
    const message = `must not have more than ${maxSearchBytes} characters (including spaces) in the search list`;
    errs.push(invalid(path, searches, message));
  }
  searches.forEach((search, i) => {
    if (search === '.') return;
    const name = search.endsWith('.') ? search.slice(0, -1) : search;
    addInvalid(errs, path.index(i), name, isDNS1123SubdomainWithUnderscore(name));
  });
}

export function validateHostAliases(
  errs: Errors,
  aliases: readonly Json[] | undefined,
  path: FieldPath,
): void {
  aliases?.forEach((alias, i) => {
    validateIP(errs, alias['ip'], path.index(i).child('ip'));
    const names: readonly string[] = alias['hostnames'] ?? [];
    names.forEach((name, j) => {
      validateDNS1123Subdomain(errs, name, path.index(i).child('hostnames').index(j));
    });
  });
}
