import { duplicate, type FieldPath, isValidPortName, isValidPortNum, required } from '@coxswain/machinery';
import { addInvalid, blank, type Errors, type Json } from '../../values.ts';
import { validateProtocol } from './container-enums.ts';

/** The ports of one container. */
export function validateContainerPorts(
  errs: Errors,
  ports: readonly Json[] | undefined,
  path: FieldPath,
): void {
  if (ports == null) return;
  const names = new Set<string>();
  for (let i = 0; i < ports.length; i++) {
    const { name, containerPort, hostPort, protocol } = ports[i]!;
    const place = path.index(i);
    if (!blank(name)) {
      const messages = isValidPortName(name);
      addInvalid(errs, place.child('name'), name, messages);
      if (messages.length === 0) {
        if (names.has(name)) errs.push(duplicate(place.child('name'), name));
        names.add(name);
      }
    }
    if ((containerPort ?? 0) === 0) errs.push(required(place.child('containerPort')));
    else addInvalid(errs, place.child('containerPort'), containerPort, isValidPortNum(containerPort));
    if ((hostPort ?? 0) !== 0) {
      addInvalid(errs, place.child('hostPort'), hostPort, isValidPortNum(hostPort));
    }
    validateProtocol(errs, protocol, place.child('protocol'));
  }
}

/** Host ports must be unique by protocol, address and number among `containers`. */
export function checkHostPortConflicts(errs: Errors, containers: readonly Json[], path: FieldPath): void {
  let taken: Set<string> | undefined;
  for (let c = 0; c < containers.length; c++) {
    const ports: readonly Json[] = containers[c]!['ports'] ?? [];
    for (let p = 0; p < ports.length; p++) {
      const { hostPort, protocol, hostIP } = ports[p]!;
      if ((hostPort ?? 0) === 0) continue;
      taken ??= new Set();
      const key = `${protocol ?? ''}/${hostIP ?? ''}/${hostPort}`;
      if (taken.has(key)) {
        errs.push(duplicate(path.index(c).child('ports').index(p).child('hostPort'), key));
      }
      taken.add(key);
    }
  }
}
