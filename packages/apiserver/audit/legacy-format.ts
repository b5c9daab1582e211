import { goQuote } from '@coxswain/machinery';
import type { AuditEvent, AuditUser } from './event.ts';

/** One event in `--audit-log-format=legacy`: a line of name="value" pairs. */
export function legacyLine(event: AuditEvent): string {
  const { user, impersonatedUser, objectRef, responseStatus } = event;
  const pairs = [
    ['id', event.auditID],
    ['stage', event.stage],
    ['ip', event.sourceIPs[0] ?? '<unknown>'],
    ['method', event.verb],
    ['user', user.username ?? '<none>'],
    ['groups', groupsOf(user, '<none>')],
    ['as', impersonatedUser?.username ?? '<self>'],
    ['asgroups', impersonatedUser === undefined ? '<lookup>' : groupsOf(impersonatedUser, '<lookup>')],
    ['user-agent', event.userAgent ?? ''],
    ['namespace', objectRef?.namespace ?? '<none>'],
    ['uri', event.requestURI],
  ] as const;
  const response = responseStatus === undefined ? '<deferred>' : String(responseStatus.code ?? 0);
  const text = pairs.map(([name, value]) => `${name}=${goQuote(value)}`).join(' ');
  return `${nanoTime(event.requestReceivedTimestamp)} AUDIT: ${text} response="${response}"`;
}

function groupsOf({ groups }: AuditUser, none: string): string {
  return groups === undefined ? none : groups.map(goQuote).join(',');
}

/** Go's RFC3339Nano leaves out the zeros at the end. */
function nanoTime(timestamp: string): string {
  return timestamp.replace(/\.?0*Z$/, 'Z');
}
