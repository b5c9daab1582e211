import { newInvalid, newMethodNotSupported } from '@coxswain/machinery';
import { prepareForStatusUpdate, validateStatusUpdate } from './collaborators.ts';
import type { ApiRequest, Outcome, RegistryContext } from './context.ts';
import { ensureNamespace } from './create.ts';
import { decodeObject } from './decode-body.ts';
import { validateWriteOptions } from './options.ts';
import { objectTarget, patchWith } from './patch.ts';
import { getObject } from './read.ts';
import { traitsOf } from './traits.ts';
import { checkName, checkUid, type UpdateStrategy, updateWith } from './update.ts';
import { toStored } from './versions.ts';

/** `status`: reads the whole object, writes only its status. */
export function statusSubresource(context: RegistryContext, request: ApiRequest): Outcome | Promise<Outcome> {
  switch (request.verb) {
    case 'get':
      return getObject(context, request);
    case 'update':
      return updateStatus(context, request);
    case 'patch':
      return patchWith(context, request, objectTarget(request), () => statusStrategy(request));
    default:
      throw newMethodNotSupported(request.resource.groupResource, request.verb);
  }
}

async function updateStatus(context: RegistryContext, request: ApiRequest): Promise<Outcome> {
  validateWriteOptions(request, 'UpdateOptions');
  const { resource } = request;
  const decoded = decodeObject(request, resource.fact, resource.fact.type);
  checkName(request, decoded);
  ensureNamespace(request, decoded);
  const object = toStored(resource, decoded);
  return updateWith(context, request, statusStrategy(request), (current) => {
    checkUid(request, object, current);
    return { ...object, metadata: { ...object.metadata } };
  });
}

function statusStrategy(request: ApiRequest): UpdateStrategy {
  const { resource } = request;
  const { fact } = resource.stored;
  return {
    createOnUpdate: false,
    unconditional: traitsOf(resource.groupResource).unconditionalUpdate,
    prepare: (object, old) => prepareForStatusUpdate(fact, object, old),
    validate: (object, old) => {
      const errors = validateStatusUpdate(fact, object, old);
      if (errors.length > 0) throw newInvalid(fact, object.metadata.name ?? '', errors);
    },
  };
}
