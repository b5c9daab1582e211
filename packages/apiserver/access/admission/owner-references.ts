import { findKind } from '@coxswain/api';
import { deepEqual, type OwnerReference, parseApiVersion } from '@coxswain/machinery';
import type {
  AdmissionAttributes,
  AdmissionOperation,
  AdmissionPlugin,
  Attributes,
  Authorizer,
} from '../contract.ts';
import { refuse } from './refuse.ts';

/**
 * Lets only those change owners who may delete the object, and only those block an owner's deletion who may
 * set its finalizers.
 */
export class OwnerReferencesPermissionEnforcement implements AdmissionPlugin {
  readonly name = 'OwnerReferencesPermissionEnforcement';
  readonly #authorizer: Authorizer;

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE' || operation === 'UPDATE';
  }

  async validate(a: AdmissionAttributes): Promise<void> {
    const owners = a.object?.metadata.ownerReferences ?? [];
    const before = a.oldObject?.metadata.ownerReferences ?? [];
    if (deepEqual(owners, before)) return;
    await this.#require(
      a,
      { ...a.resource, verb: 'delete', namespace: a.namespace, name: a.name },
      "cannot set an ownerRef on a resource you can't delete",
    );
    for (const owner of owners) {
      const was = before.find((old) => old.uid === owner.uid)?.blockOwnerDeletion ?? false;
      if (owner.blockOwnerDeletion && !was) await this.#requireFinalizers(a, owner);
    }
  }

  async #requireFinalizers(a: AdmissionAttributes, owner: OwnerReference): Promise<void> {
    const text =
      "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on";
    const fact = findKind({ ...parseApiVersion(owner.apiVersion), kind: owner.kind });
    if (fact === undefined) {
      throw refuse(
        a,
        `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${owner.apiVersion} Kind ${owner.kind}`,
      );
    }
    const { group, version, resource, namespaced } = fact;
    const namespace = namespaced ? a.namespace : '';
    const wanted = { group, version, resource, subresource: 'finalizers', namespace, name: owner.name };
    await this.#require(a, { ...wanted, verb: 'update' }, text);
  }

  async #require(
    a: AdmissionAttributes,
    wanted: Omit<Attributes, 'user' | 'resourceRequest' | 'path' | 'subresource'> & { subresource?: string },
    text: string,
  ): Promise<void> {
    const attributes = { subresource: '', ...wanted, user: a.user, resourceRequest: true, path: '' };
    const { decision, reason } = await this.#authorizer.authorize(attributes);
    if (decision !== 'allow') throw refuse(a, `${text}: ${reason}, <nil>`);
  }
}
