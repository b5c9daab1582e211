import { newForbidden, newNotFound, StatusError } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin, ObjectReader } from '../contract.ts';
import { refuse } from './refuse.ts';

const namespaces = { group: '', resource: 'namespaces' } as const;
const immortal = ['default', 'kube-system', 'kube-public'];

/** Refuses writes into namespaces that are not there, creations into those that end, and the end of the first. */
export class NamespaceLifecycle implements AdmissionPlugin {
  readonly name = 'NamespaceLifecycle';
  readonly #reader: ObjectReader;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation !== 'CONNECT';
  }

  admit(a: AdmissionAttributes): void {
    if (a.kind.group === '' && a.kind.kind === 'Namespace') {
      if (a.operation === 'DELETE' && immortal.includes(a.name)) {
        throw newForbidden(a.resource, a.name, 'this namespace may not be deleted');
      }
      return;
    }
    // telling whether the namespace exists would leak to those who only ask what they may do
    const isAccessReview = a.resource.group === 'authorization.k8s.io';
    if (a.namespace === '' || a.operation === 'DELETE' || isAccessReview) return;
    const namespace = this.#reader.get(namespaces, '', a.namespace);
    if (namespace === undefined) throw newNotFound(namespaces, a.namespace);
    if (a.operation === 'CREATE' && namespace['status']?.['phase'] === 'Terminating') throw terminating(a);
  }
}

function terminating(a: AdmissionAttributes): StatusError {
  const error = refuse(
    a,
    `unable to create new content in namespace ${a.namespace} because it is being terminated`,
  );
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${a.namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  return new StatusError({ ...error.status, details: { ...error.status.details, causes: [cause] } });
}
