import {
  duplicate,
  FieldPath,
  isFullyQualifiedDomainName,
  isValidIPv4Address,
  isValidIPv6Address,
  isValidLabelValue,
  required,
  tooMany,
} from '@coxswain/machinery';
import { validateDNS1123Label, validateNonSpecialIP, validateQualifiedName } from '../formats.ts';
import { immutable } from '../immutable.ts';
import { dnsSubdomainName } from '../names.ts';
import { validateLabels } from '../object-meta.ts';
import { validateProtocol } from '../pod/container/container-enums.ts';
import { addInvalid, blank, type Errors, type Json, oneOf, requireText, sizeOf } from '../values.ts';

const maxEndpoints = 1000;
const maxPorts = 20_000;
const maxAddresses = 100;
const maxHints = 8;
const maxTopologyLabels = 16;
const addressTypes = ['FQDN', 'IPv4', 'IPv6'];

/** ValidateEndpointSlice without the metadata. */
export function validateEndpointSlice(errs: Errors, slice: Json): void {
  const type: string = slice['addressType'] ?? '';
  const typePath = FieldPath.root('addressType');
  if (requireText(errs, typePath, type)) oneOf(errs, typePath, type, addressTypes);
  validateEndpoints(errs, slice['endpoints'] ?? [], type, FieldPath.root('endpoints'));
  validatePorts(errs, slice['ports'] ?? [], FieldPath.root('ports'));
}

/** ValidateEndpointSliceUpdate: the type of addresses stays. */
export function validateEndpointSliceUpdate(errs: Errors, slice: Json, old: Json): void {
  validateEndpointSlice(errs, slice);
  immutable(errs, FieldPath.root('addressType'), slice['addressType'], old['addressType']);
}

function validateEndpoints(errs: Errors, endpoints: readonly Json[], type: string, path: FieldPath): void {
  if (endpoints.length > maxEndpoints) {
    errs.push(tooMany(path, endpoints.length, maxEndpoints));
    return;
  }
  endpoints.forEach((endpoint, i) => {
    const place = path.index(i);
    validateAddresses(errs, endpoint['addresses'] ?? [], type, place.child('addresses'));
    const { deprecatedTopology, nodeName, hostname, hints } = endpoint;
    if (sizeOf(deprecatedTopology) > maxTopologyLabels) {
      errs.push(tooMany(place.child('deprecatedTopology'), sizeOf(deprecatedTopology), maxTopologyLabels));
    }
    validateLabels(errs, deprecatedTopology, place.child('deprecatedTopology'));
    if (nodeName != null)
      addInvalid(errs, place.child('nodeName'), nodeName, dnsSubdomainName(nodeName, false));
    if (hostname != null) validateDNS1123Label(errs, hostname, place.child('hostname'));
    if (hints != null) validateHints(errs, hints, place.child('hints'));
  });
}

function validateAddresses(errs: Errors, addresses: readonly string[], type: string, path: FieldPath): void {
  if (addresses.length === 0) errs.push(required(path, 'must contain at least 1 address'));
  else if (addresses.length > maxAddresses) errs.push(tooMany(path, addresses.length, maxAddresses));
  addresses.forEach((address, i) => {
    const place = path.index(i);
    if (type === 'FQDN') addInvalid(errs, place, address, isFullyQualifiedDomainName(address));
    else if (type === 'IPv4' || type === 'IPv6') {
      const messages = type === 'IPv4' ? isValidIPv4Address(address) : isValidIPv6Address(address);
      addInvalid(errs, place, address, messages);
      validateNonSpecialIP(errs, address, place);
    }
  });
}

function validateHints(errs: Errors, hints: Json, path: FieldPath): void {
  for (const [list, problemsOf] of [
    ['forZones', isValidLabelValue],
    ['forNodes', (name: string) => dnsSubdomainName(name, false)],
  ] as const) {
    const entries: readonly Json[] = hints[list] ?? [];
    const place = path.child(list);
    if (entries.length > maxHints) {
      errs.push(tooMany(place, entries.length, maxHints));
      return;
    }
    const seen = new Set<string>();
    entries.forEach((entry, i) => {
      const name: string = entry['name'] ?? '';
      const namePath = place.index(i).child('name');
      if (seen.has(name)) errs.push(duplicate(namePath, name));
      seen.add(name);
      addInvalid(errs, namePath, name, problemsOf(name));
    });
  }
}

function validatePorts(errs: Errors, ports: readonly Json[], path: FieldPath): void {
  if (ports.length > maxPorts) {
    errs.push(tooMany(path, ports.length, maxPorts));
    return;
  }
  const names = new Set<string>();
  ports.forEach((port, i) => {
    const place = path.index(i);
    const name: string = port['name'] ?? '';
    if (!blank(name)) validateDNS1123Label(errs, name, place.child('name'));
    if (names.has(name)) errs.push(duplicate(place.child('name'), name));
    names.add(name);
    validateProtocol(errs, port['protocol'], place.child('protocol'));
    if (port['appProtocol'] != null) {
      validateQualifiedName(errs, port['appProtocol'], place.child('appProtocol'));
    }
  });
}
