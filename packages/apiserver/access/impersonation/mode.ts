import type { UserInfo } from '../contract.ts';
import { extraKeys, nodeNameOfUserName, splitServiceAccountUserName } from '../users.ts';
import type { WantedUser } from './headers.ts';

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The node that a user name means; `undefined` when it is no node's. */
export function impersonatedNode(userName: string): string | undefined {
  const name = nodeNameOfUserName(userName);
  return name !== undefined && name.length <= 253 && subdomain.test(name) ? name : undefined;
}

/** A way of constrained impersonation (KEP 5284) and for whom it applies. */
export interface ImpersonationMode {
  readonly name: 'associated-node' | 'arbitrary-node' | 'serviceaccount' | 'user-info';
  applies(wanted: WantedUser, requestor: UserInfo): boolean;
}

function onlyName(wanted: WantedUser): boolean {
  return wanted.uid === '' && wanted.groups.length === 0 && Object.keys(wanted.extra).length === 0;
}

/** In the order in which they are tried. */
export const constrainedModes: readonly ImpersonationMode[] = [
  {
    // a service account may be let be the node that its pod runs on, and no other
    name: 'associated-node',
    applies: (wanted, requestor) => {
      const node = impersonatedNode(wanted.name);
      const own = requestor.extra?.[extraKeys.nodeName];
      return (
        node !== undefined &&
        onlyName(wanted) &&
        splitServiceAccountUserName(requestor.name) !== undefined &&
        own?.length === 1 &&
        own[0] === node
      );
    },
  },
  {
    name: 'arbitrary-node',
    applies: (wanted) => onlyName(wanted) && impersonatedNode(wanted.name) !== undefined,
  },
  {
    name: 'serviceaccount',
    applies: (wanted) => onlyName(wanted) && splitServiceAccountUserName(wanted.name) !== undefined,
  },
  {
    name: 'user-info',
    applies: (wanted) =>
      impersonatedNode(wanted.name) === undefined && splitServiceAccountUserName(wanted.name) === undefined,
  },
];
