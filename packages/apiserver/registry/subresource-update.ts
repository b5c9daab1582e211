import { newMethodNotSupported } from '@coxswain/machinery';
import { decodeObject } from './body/decode-body.ts';
import { type ApiRequest, type Outcome, type RegistryContext, timeOf } from './context.ts';
import { ensureNamespace } from './create.ts';
import { validateWriteOptions } from './options/options.ts';
import { patchWith } from './patch/patch.ts';
import { objectTarget } from './patch/patch-target.ts';
import { getObject } from './read.ts';
import { prepareForSubresourceUpdate, validateSubresourceUpdate } from './resource-strategy.ts';
import type { SpecialHandler } from './specials.ts';
import { traitsOf } from './traits.ts';
import { checkName, checkUid, type UpdateStrategy, updateWith } from './update.ts';
import { toStored } from './versions.ts';

/** A subresource that shows the whole object and takes an update of a part of it: status, approval, resize. */
export function wholeObjectSubresource(subresource: string): SpecialHandler {
  return (context, request) => {
    switch (request.verb) {
      case 'get':
        return getObject(context, request);
      case 'update':
        return update(context, request, subresource);
      case 'patch':
        return patchWith(context, request, objectTarget(request), () =>
          subresourceStrategy(context, request, subresource),
        );
      default:
        throw newMethodNotSupported(request.resource.groupResource, request.verb);
    }
  };
}

async function update(context: RegistryContext, request: ApiRequest, subresource: string): Promise<Outcome> {
  validateWriteOptions(request, 'UpdateOptions');
  const { resource } = request;
  const decoded = decodeObject(request, resource.fact, resource.fact.type);
  ensureNamespace(request, decoded);
  checkName(request, decoded);
  const object = toStored(resource, decoded);
  return updateWith(context, request, subresourceStrategy(context, request, subresource), (current) => {
    checkUid(request, object, current);
    return { ...object, metadata: { ...object.metadata } };
  });
}

/** How such a subresource prepares and validates its update. */
export function subresourceStrategy(
  context: RegistryContext,
  request: ApiRequest,
  subresource: string,
): UpdateStrategy {
  const { resource } = request;
  return {
    createOnUpdate: false,
    unconditional: traitsOf(resource.groupResource).unconditionalUpdate,
    prepare: (object, old) =>
      prepareForSubresourceUpdate(resource, subresource, object, old, timeOf(context)),
    validate: (object, old) => validateSubresourceUpdate(resource, subresource, object, old, request.warn),
  };
}
