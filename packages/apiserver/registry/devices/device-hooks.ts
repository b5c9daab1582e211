import { deepEqual, type FieldError, FieldPath, forbidden, newInvalid } from '@coxswain/machinery';
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

const none: readonly FieldError[] = [];
// longer ones are refused for their length and not compiled
const longest = 10 * 1024;

function selectorFaults(selectors: readonly Selector[] | undefined, path: FieldPath): FieldError[] {
  return (selectors ?? []).flatMap((selector, i) => {
    const expression = selector.cel?.expression;
    if (expression === undefined || Buffer.byteLength(expression) > longest) return [];
    return deviceExpressionFault(path.index(i).child('cel').child('expression'), expression) ?? [];
  });
}

function claimFaults(requests: readonly Request[] | undefined, path: FieldPath): FieldError[] {
  return (requests ?? []).flatMap(({ exactly, firstAvailable }, i) => [
    ...(firstAvailable ?? []).flatMap((one, j) =>
      selectorFaults(one.selectors, path.index(i).child('firstAvailable').index(j).child('selectors')),
    ),
    ...selectorFaults(exactly?.selectors, path.index(i).child('exactly').child('selectors')),
  ]);
}

const adminLabel = 'resource.kubernetes.io/admin-access';

/** AuthorizedForAdmin: only namespaces that are labelled for it may look into devices that others use. */
function checkAdminAccess(
  context: RegistryContext,
  request: ApiRequest,
  name: string,
  requests: readonly Request[] | undefined,
): void {
  const asked = (requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess === true);
  if (asked < 0) return;
  const cache = context.resources.find('v1', 'namespaces')?.cache;
  const namespace = cache?.index.get(objectKey(cache.prefix, '', request.namespace))?.object;
  if (namespace?.metadata.labels?.[adminLabel] === 'true') return;
  const { group, kind } = request.resource.stored.fact;
  const path = FieldPath.root('spec', 'devices', 'requests').index(asked).child('adminAccess');
  const message = `admin access to devices requires the \`${adminLabel}: true\` label on the containing namespace`;
  throw newInvalid({ group, kind }, name, [forbidden(path, message)]);
}

/** Claims whose selectors cannot be compiled are refused; what was stored once stays. */
export const resourceClaimHooks: ResourceHooks = {
  beginCreate: async (context, request, claim) => {
    checkAdminAccess(context, request, claim.metadata.name ?? '', claim['spec']?.devices?.requests);
    return undefined;
  },
  validate: (claim, old) => {
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
  validate: (template, old) => {
    if (old !== undefined) return none;
    const path = FieldPath.root('spec', 'spec', 'devices', 'requests');
    return claimFaults(template['spec']?.spec?.devices?.requests, path);
  },
};

/** The same for classes of devices, whose selectors may change. */
export const deviceClassHooks: ResourceHooks = {
  validate: (deviceClass, old) => {
    const selectors = deviceClass['spec']?.selectors;
    if (old !== undefined && deepEqual(selectors, old['spec']?.selectors)) return none;
    return selectorFaults(selectors, FieldPath.root('spec', 'selectors'));
  },
};
