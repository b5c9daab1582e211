import { goQuote } from '@coxswain/machinery';
import type { Pod } from '../types.ts';
import type { Rejection } from './admission.ts';

/** Kernel settings that are the pod's own and cannot hurt others. */
const safe = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);

/** Refuses a pod that asks for kernel settings beyond the safe ones, or for ones that are the host's. */
export function admitSysctls(pod: Pod): Rejection | undefined {
  for (const { name } of pod.spec.securityContext?.sysctls ?? []) {
    const normal = name.replaceAll('/', '.');
    const forbidden = (why: string): Rejection => ({
      reason: 'SysctlForbidden',
      message: `Pod was rejected: forbidden sysctl: ${goQuote(name)} ${why}`,
    });
    if (!safe.has(normal)) return forbidden('not allowlisted');
    if (normal.startsWith('net.') && pod.spec.hostNetwork)
      return forbidden('not allowed with host net enabled');
    if (normal.startsWith('kernel.') && pod.spec.hostIPC)
      return forbidden('not allowed with host ipc enabled');
  }
  return undefined;
}
