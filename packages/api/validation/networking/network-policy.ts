import {
  type FieldPath,
  forbidden,
  invalid,
  isValidPortName,
  isValidPortNum,
  notSupported,
  parseCIDR,
  required,
} from '@coxswain/machinery';
import { validateCIDR } from '../formats.ts';
import { validateLabelSelector } from '../label-selector.ts';
import { addInvalid, blank, type Errors, type Json, specPath } from '../values.ts';

const protocols = ['TCP', 'UDP', 'SCTP'];
const policyTypes = ['Ingress', 'Egress'];

/** ValidateNetworkPolicySpec. */
export function validateNetworkPolicy(errs: Errors, policy: Json): void {
  const spec: Json = policy['spec'] ?? {};
  validateLabelSelector(errs, spec['podSelector'], specPath.child('podSelector'));
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    const rules: readonly Json[] = spec[direction] ?? [];
    rules.forEach((rule, i) => {
      const path = specPath.child(direction).index(i);
      const ports: readonly Json[] = rule['ports'] ?? [];
      ports.forEach((port, j) => {
        validatePort(errs, port, path.child('ports').index(j));
      });
      const list: readonly Json[] = rule[peers] ?? [];
      list.forEach((peer, j) => {
        validatePeer(errs, peer, path.child(peers).index(j));
      });
    });
  }
  const types: readonly string[] = spec['policyTypes'] ?? [];
  const typesPath = specPath.child('policyTypes');
  if (types.length > policyTypes.length) {
    errs.push(invalid(typesPath, types, 'may not specify more than two policyTypes'));
    return;
  }
  types.forEach((type, i) => {
    if (!policyTypes.includes(type)) errs.push(notSupported(typesPath.index(i), type, policyTypes));
  });
}

function validatePort(errs: Errors, one: Json, path: FieldPath): void {
  const { protocol, port, endPort } = one;
  const endPath = path.child('endPort');
  if (protocol != null && !protocols.includes(protocol)) {
    errs.push(notSupported(path.child('protocol'), protocol, protocols));
  }
  if (port == null) {
    if (endPort != null) {
      errs.push(invalid(endPath, endPort, 'may not be specified when `port` is not specified'));
    }
  } else if (typeof port === 'number') {
    addInvalid(errs, path.child('port'), port, isValidPortNum(port));
    if (endPort == null) return;
    // upstream shows the other port
    if (endPort < port) errs.push(invalid(endPath, port, 'must be greater than or equal to `port`'));
    addInvalid(errs, endPath, endPort, isValidPortNum(endPort));
  } else {
    if (endPort != null) {
      errs.push(invalid(endPath, endPort, 'may not be specified when `port` is non-numeric'));
    }
    addInvalid(errs, path.child('port'), port, isValidPortName(port));
  }
}

function validatePeer(errs: Errors, peer: Json, path: FieldPath): void {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  validateLabelSelector(errs, podSelector, path.child('podSelector'));
  validateLabelSelector(errs, namespaceSelector, path.child('namespaceSelector'));
  if (ipBlock != null) validateIPBlock(errs, ipBlock, path.child('ipBlock'));
  const selectors = podSelector != null || namespaceSelector != null;
  if (!selectors && ipBlock == null) errs.push(required(path, 'must specify a peer'));
  else if (selectors && ipBlock != null) {
    errs.push(forbidden(path, 'may not specify both ipBlock and another peer'));
  }
}

function validateIPBlock(errs: Errors, block: Json, path: FieldPath): void {
  if (blank(block['cidr'])) {
    errs.push(required(path.child('cidr')));
    return;
  }
  validateCIDR(errs, block['cidr'], path.child('cidr'));
  const whole = parseCIDR(block['cidr']);
  if (whole == null) return;
  const excepts: readonly string[] = block['except'] ?? [];
  excepts.forEach((except, i) => {
    const place = path.child('except').index(i);
    validateCIDR(errs, except, place);
    const part = parseCIDR(except);
    if (part == null || isStrictlyWithin(part, whole)) return;
    errs.push(invalid(place, except, 'must be a strict subset of `cidr`'));
  });
}

type Range = NonNullable<ReturnType<typeof parseCIDR>>;

function isStrictlyWithin(part: Range, whole: Range): boolean {
  if (part.bits !== whole.bits || part.prefix <= whole.prefix) return false;
  const shift = BigInt(whole.bits - whole.prefix);
  return part.number >> shift === whole.number >> shift;
}
