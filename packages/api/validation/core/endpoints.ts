import { FieldPath, required } from '@coxswain/machinery';
import {
  validateDNS1123Label,
  validateIP,
  validateNonSpecialIP,
  validatePortNumber,
  validateQualifiedName,
} from '../formats.ts';
import { semanticEqual } from '../immutable.ts';
import { dnsSubdomainName } from '../names.ts';
import { validateProtocol } from '../pod/container/container-enums.ts';
import { addInvalid, blank, type Errors, type Json, sizeOf } from '../values.ts';

/** ValidateEndpoints without the metadata; subsets that an update leaves alone may be of older rules. */
export function validateEndpoints(errs: Errors, endpoints: Json, old?: Json): void {
  const found: Errors = [];
  validateSubsets(found, endpoints['subsets'] ?? []);
  if (found.length === 0 || (old && semanticEqual(endpoints['subsets'], old['subsets']))) return;
  errs.push(...found);
}

function validateSubsets(errs: Errors, subsets: readonly Json[]): void {
  subsets.forEach((subset, i) => {
    const place = FieldPath.root('subsets').index(i);
    if (sizeOf(subset['addresses']) + sizeOf(subset['notReadyAddresses']) === 0) {
      errs.push(required(place, 'must specify `addresses` or `notReadyAddresses`'));
    }
    for (const list of ['addresses', 'notReadyAddresses']) {
      const addresses: readonly Json[] = subset[list] ?? [];
      addresses.forEach((address, j) => {
        validateAddress(errs, address, place.child(list).index(j));
      });
    }
    const ports: readonly Json[] = subset['ports'] ?? [];
    ports.forEach((port, j) => {
      validatePort(errs, port, ports.length > 1, place.child('ports').index(j));
    });
  });
}

function validateAddress(errs: Errors, address: Json, path: FieldPath): void {
  const ip: string = address['ip'] ?? '';
  validateIP(errs, ip, path.child('ip'));
  if (!blank(address['hostname'])) validateDNS1123Label(errs, address['hostname'], path.child('hostname'));
  const node: string | undefined = address['nodeName'];
  if (node != null) addInvalid(errs, path.child('nodeName'), node, dnsSubdomainName(node, false));
  validateNonSpecialIP(errs, ip, path.child('ip'));
}

function validatePort(errs: Errors, port: Json, named: boolean, path: FieldPath): void {
  if (!blank(port['name'])) validateDNS1123Label(errs, port['name'], path.child('name'));
  else if (named) errs.push(required(path.child('name')));
  validatePortNumber(errs, port['port'], path.child('port'));
  validateProtocol(errs, port['protocol'], path.child('protocol'));
  if (port['appProtocol'] != null) {
    validateQualifiedName(errs, port['appProtocol'], path.child('appProtocol'));
  }
}
