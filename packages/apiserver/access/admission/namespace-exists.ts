import type { Transport } from '@coxswain/client';
import { isAlreadyExists, newNotFound } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin, ObjectReader } from '../contract.ts';

const namespaces = { group: '', resource: 'namespaces' } as const;

function isMissing(a: AdmissionAttributes, reader: ObjectReader): boolean {
  if (a.namespace === '' || a.kind.kind === 'Namespace' || a.resource.group === 'authorization.k8s.io') {
    return false;
  }
  return reader.get(namespaces, '', a.namespace) === undefined;
}

/** Refuses writes into namespaces that are not there. */
export function namespaceExists(reader: ObjectReader): AdmissionPlugin {
  return {
    name: 'NamespaceExists',
    handles: (operation: AdmissionOperation) => operation !== 'CONNECT',
    validate(a: AdmissionAttributes): void {
      if (isMissing(a, reader)) throw newNotFound(namespaces, a.namespace);
    },
  };
}

/** Creates the namespace that something is created in. */
export function namespaceAutoProvision(reader: ObjectReader, transport: () => Transport): AdmissionPlugin {
  return {
    name: 'NamespaceAutoProvision',
    handles: (operation: AdmissionOperation) => operation === 'CREATE',
    admit(a: AdmissionAttributes): void | Promise<void> {
      if (a.dryRun || !isMissing(a, reader)) return;
      return provision(a.namespace, transport());
    },
  };
}

async function provision(name: string, transport: Transport): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  try {
    await transport.request({ group: '', version: 'v1', resource: 'namespaces', verb: 'create', body });
  } catch (error) {
    // someone else was quicker
    if (!isAlreadyExists(error)) throw error;
  }
}
