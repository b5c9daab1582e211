import type { ExpressionFaults } from '@coxswain/api';
import {
  deepEqual,
  type FieldError,
  FieldPath,
  forbidden,
  type KubeObject,
  newInvalid,
} from '@coxswain/machinery';
import { objectKey } from '../../storage/keys.ts';
import type { ApiRequest, RegistryContext } from '../context.ts';
import type { ResourceHooks } from '../hooks.ts';
import { deviceExpressionFault } from './device-expression.ts';

interface Selector {
  readonly cel?: { readonly expression?: string };
}

interface Wanted {
  readonly adminAccess?: boolean;
  readonly selectors?: readonly Selector[];
}

interface Request {
  readonly exactly?: Wanted;
  readonly firstAvailable?: readonly Wanted[];
}

const none: ExpressionFaults = new Map();
// longer ones are refused for their length and not compiled
const longest = 10 * 1024;

type Faults = Map<string, readonly FieldError[]>;

function addSelectorFaults(
  faults: Faults,
  selectors: readonly Selector[] | undefined,
  path: FieldPath,
): Faults {
  selectors?.forEach((selector, i) => {
    const source = selector.cel?.expression;
    if (source === undefined || Buffer.byteLength(source) > longest) return;
    const place = path.index(i).child('cel').child('expression');
    const fault = deviceExpressionFault(place, source);
    if (fault !== undefined) faults.set(place.toString(), [fault]);
  });
  return faults;
}

function claimFaults(requests: readonly Request[] | undefined, path: FieldPath): ExpressionFaults {
  const faults: Faults = new Map();
  requests?.forEach(({ exactly, firstAvailable }, i) => {
    const place = path.index(i);
    addSelectorFaults(faults, exactly?.selectors, place.child('exactly').child('selectors'));
    firstAvailable?.forEach((one, j) => {
      addSelectorFaults(faults, one.selectors, place.child('firstAvailable').index(j).child('selectors'));
    });
  });
  return faults;
}

const adminLabel = 'resource.kubernetes.io/admin-access';

const wanted = `admin access to devices requires the \`${adminLabel}: true\` label on the containing namespace`;

/** Only namespaces that are labelled for it may look into devices that others use. */
function isForAdmins(context: RegistryContext, request: ApiRequest): boolean {
  const cache = context.resources.find('v1', 'namespaces')?.cache;
  const namespace = cache?.index.get(objectKey(cache.prefix, '', request.namespace))?.object;
  return namespace?.metadata.labels?.[adminLabel] === 'true';
}

/** AuthorizedForAdmin: of a new claim or template. */
function checkAdminAccess(
  context: RegistryContext,
  request: ApiRequest,
  name: string,
  requests: readonly Request[] | undefined,
): void {
  const asked = (requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess === true);
  if (asked < 0 || isForAdmins(context, request)) return;
  const { group, kind } = request.resource.stored.fact;
  const path = FieldPath.root('spec', 'devices', 'requests').index(asked).child('adminAccess');
  throw newInvalid({ group, kind }, name, [forbidden(path, wanted)]);
}

/** AuthorizedForAdminStatus: of what is allocated, where nothing of it was for admins before. */
function adminResultFaults(
  context: RegistryContext,
  request: ApiRequest,
  claim: KubeObject,
  old: KubeObject | undefined,
): FieldError[] {
  const askedIn = (object: KubeObject | undefined): number => {
    const results: readonly Wanted[] = object?.['status']?.allocation?.devices?.results ?? [];
    return results.findIndex((result) => result.adminAccess === true);
  };
  const asked = askedIn(claim);
  if (asked < 0 || askedIn(old) >= 0 || isForAdmins(context, request)) return [];
  const path = FieldPath.root('status', 'allocation', 'devices', 'results').index(asked);
  return [forbidden(path.child('adminAccess'), wanted)];
}

/** Claims whose selectors cannot be compiled are refused; what was stored once stays. */
export const resourceClaimHooks: ResourceHooks = {
  beginCreate: async (context, request, claim) => {
    checkAdminAccess(context, request, claim.metadata.name ?? '', claim['spec']?.devices?.requests);
    return undefined;
  },
  permit: async (context, request, claim, old) =>
    request.subresource === 'status' ? adminResultFaults(context, request, claim, old) : [],
  expressionFaults: (claim, old) => {
    if (old !== undefined) return none;
    return claimFaults(claim['spec']?.devices?.requests, FieldPath.root('spec', 'devices', 'requests'));
  },
};

/** The same for templates of claims. */
export const resourceClaimTemplateHooks: ResourceHooks = {
  beginCreate: async (context, request, template) => {
    checkAdminAccess(
      context,
      request,
      template.metadata.name ?? '',
      template['spec']?.spec?.devices?.requests,
    );
    return undefined;
  },
  expressionFaults: (template, old) => {
    if (old !== undefined) return none;
    const path = FieldPath.root('spec', 'spec', 'devices', 'requests');
    return claimFaults(template['spec']?.spec?.devices?.requests, path);
  },
};

/** The same for classes of devices, whose selectors may change. */
export const deviceClassHooks: ResourceHooks = {
  expressionFaults: (deviceClass, old) => {
    const selectors = deviceClass['spec']?.selectors;
    if (old !== undefined && deepEqual(selectors, old['spec']?.selectors)) return none;
    return addSelectorFaults(new Map(), selectors, FieldPath.root('spec', 'selectors'));
  },
};
