import { isDNS1123Label, isDNS1123Subdomain } from '@coxswain/machinery';

/** Says what is wrong with a name; `prefix` names get a suffix, so that a trailing dash is fine. */
export type NameRule = (name: string, prefix: boolean) => readonly string[];

const none: readonly string[] = [];

/** A prefix may end in '-': what is generated after it ends it well. */
function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -1)}a` : name;
}

export const dnsSubdomainName: NameRule = (name, prefix) =>
  isDNS1123Subdomain(prefix ? maskTrailingDash(name) : name);

export const dnsLabelName: NameRule = (name, prefix) =>
  isDNS1123Label(prefix ? maskTrailingDash(name) : name);

/** Upstream does not care what some objects are called; whether a URL can say it is checked of all. */
export const anyName: NameRule = () => none;

/** path.ValidatePathSegmentName: what can stand in a URL path; RBAC's rule. */
export const pathSegmentName: NameRule = (name, prefix) => {
  if (!prefix) {
    if (name === '.' || name === '..') return [`may not be '${name}'`];
  }
  const messages: string[] = [];
  if (name.includes('/')) messages.push("may not contain '/'");
  if (name.includes('%')) messages.push("may not contain '%'");
  return messages.length === 0 ? none : messages;
};
