import {
  canonicalIP,
  deepEqual,
  type FieldPath,
  forbidden,
  goQuote,
  invalid,
  notSupported,
  parseCIDR,
  required,
  tooLong,
  tooMany,
} from '@coxswain/machinery';
import { validateCSIDriverName } from '../csi.ts';
import { validateDNS1123Label } from '../formats.ts';
import { goStruct } from '../go-print.ts';
import { semanticEqual } from '../immutable.ts';
import { validateConditions } from '../misc/policy.ts';
import { validateNodeSelector } from '../pod/scheduling/node-selector.ts';
import {
  addInvalid,
  blank,
  byteLength,
  type Errors,
  immutableMessage,
  type Json,
  sizeOf,
  statusPath,
} from '../values.ts';
import { validateBindingConditions } from './device.ts';
import * as limits from './limits.ts';
import { itself, validateSet, validateSlice } from './lists.ts';
import { validatePoolName, validateShareID } from './names.ts';
import { validateDeviceConfiguration, validateRawObject } from './opaque.ts';
import { type RequestNames, requestNamesOf, validateRequestRef } from './resource-claim.ts';

/** ValidateResourceClaimStatusUpdate. */
export function validateResourceClaimStatus(errs: Errors, claim: Json, old: Json): void {
  const status: Json = claim['status'] ?? {};
  const before: Json = old['status'] ?? {};
  const allocation: Json | undefined = status['allocation'];
  const reserved: readonly Json[] = status['reservedFor'] ?? [];
  const reservedPath = statusPath.child('reservedFor');
  validateSet(
    errs,
    reserved,
    {
      most: limits.reservedFor,
      check: (found, consumer, path) => {
        for (const member of ['resource', 'name', 'uid']) {
          if (blank(consumer[member])) found.push(required(path.child(member)));
        }
      },
      key: (consumer) => consumer['uid'] ?? '',
    },
    reservedPath,
  );
  validateDevices(errs, status, statusPath.child('devices'));
  if (reserved.length > 0 && allocation == null) {
    errs.push(forbidden(reservedPath, 'may not be specified when `allocated` is not set'));
  } else if (claim['metadata'].deletionTimestamp != null) {
    const known: readonly Json[] = before['reservedFor'] ?? [];
    if (!reserved.every((consumer) => known.some((one) => deepEqual(one, consumer)))) {
      const message =
        'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set';
      errs.push(forbidden(reservedPath, message));
    }
  }
  if (allocation == null) return;
  const path = statusPath.child('allocation');
  if (before['allocation'] == null) validateAllocation(errs, allocation, path, requestNamesOf(claim));
  else if (!semanticEqual(allocation, before['allocation'])) {
    const shown = goStruct(allocation, 'io.k8s.api.resource.v1.AllocationResult');
    errs.push(invalid(path, shown, immutableMessage));
  }
}

function validateAllocation(errs: Errors, allocation: Json, path: FieldPath, names: RequestNames): void {
  const devices: Json = allocation['devices'] ?? {};
  const place = path.child('devices');
  validateSlice(
    errs,
    devices['results'] as readonly Json[] | undefined,
    limits.allocationResults,
    (found, result, at) => {
      validateRequestRef(found, result['request'] ?? '', at.child('request'), names);
      validateCSIDriverName(found, result['driver'], at.child('driver'));
      validatePoolName(found, result['pool'], at.child('pool'));
      validateDNS1123Label(found, result['device'], at.child('device'));
      validateBindingConditions(found, result, at);
      if (result['shareID'] != null) validateShareID(found, result['shareID'], at.child('shareID'));
    },
    place.child('results'),
  );
  validateSlice(
    errs,
    devices['config'] as readonly Json[] | undefined,
    // those of the claim and those of the class
    2 * limits.deviceConfigs,
    (found, config, at) => {
      const { source, requests } = config;
      if (blank(source)) found.push(required(at.child('source')));
      else if (source !== 'FromClaim' && source !== 'FromClass') {
        found.push(notSupported(at.child('source'), source, ['FromClaim', 'FromClass']));
      }
      const checkRef = (into: Errors, name: string, where: FieldPath): void => {
        validateRequestRef(into, name, where, names);
      };
      validateSet(
        found,
        requests,
        { most: limits.deviceRequests, check: checkRef, key: itself },
        at.child('requests'),
      );
      validateDeviceConfiguration(found, config, at, false);
    },
    place.child('config'),
  );
  if (allocation['nodeSelector'] != null) {
    validateNodeSelector(errs, allocation['nodeSelector'], path.child('nodeSelector'));
  }
}

function deviceOf({ driver = '', pool = '', device = '', shareID }: Json): readonly string[] {
  return [driver, pool, device, shareID ?? ''];
}

/** An allocated device as Go prints it in JSON: the texts in it do not show. */
const shownDevice = { Driver: {}, Pool: {}, Device: {}, ShareID: {} };

/** What drivers say of allocated devices. */
function validateDevices(errs: Errors, status: Json, path: FieldPath): void {
  const results: readonly Json[] = status['allocation']?.devices?.results ?? [];
  const allocated = new Set(results.map((result) => JSON.stringify(deviceOf(result))));
  validateSet(
    errs,
    status['devices'] as readonly Json[] | undefined,
    {
      most: -1,
      check: (found, device, at) => {
        validateCSIDriverName(found, device['driver'], at.child('driver'));
        validatePoolName(found, device['pool'], at.child('pool'));
        validateDNS1123Label(found, device['device'], at.child('device'));
        if (device['shareID'] != null) validateShareID(found, device['shareID'], at.child('shareID'));
        if (!allocated.has(JSON.stringify(deviceOf(device)))) {
          found.push(invalid(at, shownDevice, 'must be an allocated device in the claim'));
        }
        const conditions = at.child('conditions');
        if (sizeOf(device['conditions']) > limits.statusConditions) {
          found.push(tooMany(conditions, sizeOf(device['conditions']), limits.statusConditions));
        }
        validateConditions(found, device['conditions'], conditions);
        if (device['data'] != null) {
          validateRawObject(found, device['data'], at.child('data'), false, limits.opaqueParametersLength);
        }
        if (device['networkData'] != null) {
          validateNetworkData(found, device['networkData'], at.child('networkData'));
        }
      },
      key: deviceOf,
      shown: () => shownDevice,
    },
    path,
  );
}

function validateNetworkData(errs: Errors, data: Json, path: FieldPath): void {
  for (const [member, longest] of [
    ['interfaceName', limits.interfaceNameLength],
    ['hardwareAddress', limits.hardwareAddressLength],
  ] as const) {
    if (byteLength(data[member] ?? '') > longest) errs.push(tooLong(path.child(member), longest));
  }
  if (sizeOf(data['ips']) === 0) return;
  validateSet(
    errs,
    data['ips'] as readonly string[],
    {
      most: limits.networkIPs,
      check: (found, address, at) => {
        addInvalid(found, at, address, interfaceAddress(address));
      },
      key: itself,
    },
    path.child('ips'),
  );
}

/** IsValidInterfaceAddress: an address and the length of its network's prefix, in their one canonical form. */
function interfaceAddress(text: string): string[] {
  const range = parseCIDR(text);
  if (range === undefined) {
    return ['must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'];
  }
  const [address = '', length = ''] = text.split('/');
  const canonical = `${canonicalIP(address)}/${Number(length)}`;
  return canonical === text ? [] : [`must be in canonical form (${goQuote(canonical)})`];
}
