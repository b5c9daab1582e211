import type { KubeObject } from '@coxswain/machinery';
import type { Decision, UserInfo } from '../../contract.ts';
import { serviceAccountUserName } from '../../users.ts';

/** rbac/v1 Subject. */
export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly apiGroup?: string;
}

/** A binding that names a user, and the subject by which it does. */
export interface Match {
  readonly binding: KubeObject;
  readonly subject: Subject;
  /** What is said of a request that it allows; made when it first does. */
  allowed?: Decision;
}

/** Bindings of one namespace (or of the cluster) by the users and groups that they name. */
export class SubjectIndex {
  readonly #byUser = new Map<string, Map<string, Match>>();
  readonly #byGroup = new Map<string, Map<string, Match>>();
  #size = 0;

  get empty(): boolean {
    return this.#size === 0;
  }

  add(binding: KubeObject): void {
    this.#size++;
    this.#each(binding, (map, key, subject) => {
      const matches = map.get(key) ?? new Map<string, Match>();
      map.set(key, matches);
      const name = binding.metadata.name ?? '';
      if (!matches.has(name)) matches.set(name, { binding, subject });
    });
  }

  remove(binding: KubeObject): void {
    this.#size--;
    this.#each(binding, (map, key) => {
      const matches = map.get(key);
      matches?.delete(binding.metadata.name ?? '');
      if (matches?.size === 0) map.delete(key);
    });
  }

  /** Calls `visit` with every binding that names the user until it gives true. */
  some(user: UserInfo, visit: (match: Match) => boolean): boolean {
    for (const match of this.#byUser.get(user.name)?.values() ?? []) if (visit(match)) return true;
    for (const group of user.groups) {
      for (const match of this.#byGroup.get(group)?.values() ?? []) if (visit(match)) return true;
    }
    return false;
  }

  #each(
    binding: KubeObject,
    fn: (map: Map<string, Map<string, Match>>, key: string, subject: Subject) => void,
  ): void {
    for (const subject of (binding['subjects'] ?? []) as Subject[]) {
      if (subject.kind === 'User') fn(this.#byUser, subject.name, subject);
      else if (subject.kind === 'Group') fn(this.#byGroup, subject.name, subject);
      else if (subject.kind === 'ServiceAccount') {
        const namespace = subject.namespace || (binding.metadata.namespace ?? '');
        if (namespace !== '') fn(this.#byUser, serviceAccountUserName(namespace, subject.name), subject);
      }
    }
  }
}
